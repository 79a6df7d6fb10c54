"""The grammar of an answer as a small frozen value: an algebra of JSON values.

A grammar defines which values may be written and in which order. Their spelling is left to the renderers (GBNF, JSON
Schema, token automaton). Everything is bounded: text, lists and numbers have a maximum, so that no decoder runs away.

    Literal      exactly this value
    Choice       one of several
    Object       an object with these names, in this order
    Array        a list of between minimum and maximum items
    Tuple        a list with one item for each place
    Map          an object of between minimum and maximum fields with any names
    Reference    one of the objects passed in, by name or by number
    WordRun      a run of words of the input
    Text, RegularExpression, Pattern, Integer, Number, DateTime, BinnedBox      terminals with their bounds
    ImageCodes   an image
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Literal as OneOf
from typing import TypeAlias

Zone = OneOf["never", "optional", "required"]


@dataclass(frozen=True)
class Literal:
    value: str | int | float | bool | None


@dataclass(frozen=True)
class Choice:
    options: "tuple[Grammar, ...]"


@dataclass(frozen=True)
class Object:
    """An object with these fields in this order.

    `optional` names fields that may be left out. Answers of tasks have none; schemas of other programs do.
    """

    fields: "tuple[tuple[str, Grammar], ...]"
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Array:
    item: "Grammar"
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Tuple:
    items: "tuple[Grammar, ...]"


@dataclass(frozen=True)
class Map:
    """An object whose names the model chooses: `key` admits texts alone. A name that is written twice counts once."""

    key: "Grammar"
    value: "Grammar"
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Reference:
    """One of `labels`: unique names (str) if every candidate has one, otherwise numbers (int). Never empty."""

    labels: tuple[str | int, ...]


@dataclass(frozen=True)
class Word:
    """A word of an input line. `spaced`: white space stands before it, written as one space.

    `starts` and `ends`: a run of words may begin or end with it. Both depend on the text alone.
    """

    text: str
    spaced: bool
    starts: bool
    ends: bool


@dataclass(frozen=True)
class WordRun:
    """Consecutive words of one of these lines. Without a possible run, no answer is possible."""

    lines: tuple[tuple[Word, ...], ...]

    def __hash__(self) -> int:
        return self.lines_hash

    @cached_property
    def lines_hash(self) -> int:
        """A grammar is looked up several times in a call, and hashing 2,000 words takes a millisecond."""
        return hash(self.lines)

    @cached_property
    def is_empty(self) -> bool:
        """Whether no run is possible: no word can begin a run, or none from there on can end it."""
        return not any(can_be_quoted(line) for line in self.lines)


def can_be_quoted(line: tuple[Word, ...]) -> bool:
    """Whether a run of words lies in the line."""
    first = next((index for index, word in enumerate(line) if word.starts), None)
    return first is not None and any(word.ends for word in line[first:])


@dataclass(frozen=True)
class Text:
    """Text in any script, `minimum` to `maximum` code points, without control characters."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class RegularExpression:
    """Text in which a regular expression is found, `minimum` to `maximum` code points. The expression lies in the
    subset of plait.core.grammar.regular_expression.
    """

    pattern: str
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Pattern:
    """A text of printable ASCII characters that matches a pattern in the notation of `patterns.py`.

    Neither quotes nor backslashes are in it. `form` says in errors what it is: "a UUID".
    """

    pattern: str
    form: str


@dataclass(frozen=True)
class Integer:
    """An integer between inclusive bounds."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class Number:
    """A decimal number without exponent, at most `DECIMALS` digits after the point; bounds are exact decimals."""

    minimum: Decimal
    maximum: Decimal
    above: bool = False
    below: bool = False


@dataclass(frozen=True)
class DateTime:
    """A date, a time of day or both, in ISO 8601. Only existing dates: no 31 April, leap years by rule.

    `zone` says whether a time ends with its offset, or Z; a date never does.
    """

    form: OneOf["date", "time", "datetime"]
    zone: Zone = "never"


@dataclass(frozen=True)
class BinnedBox:
    """A box as the unified model writes it: left, top, right, bottom.

    Each coordinate is one of `bins` locations along its axis, counted from 0; right and bottom are greater than left
    and top. Its JSON form is a list of four numbers.
    """

    bins: int


@dataclass(frozen=True)
class ImageCodes:
    """An image, generated by a model that can. Its JSON form is a data URL, which is all that a text grammar can
    enforce.
    """


Grammar: TypeAlias = (
    Literal
    | Choice
    | Object
    | Array
    | Tuple
    | Map
    | Reference
    | WordRun
    | Text
    | RegularExpression
    | Pattern
    | Integer
    | Number
    | DateTime
    | BinnedBox
    | ImageCodes
)

# Bounds where the declaration gives none. A text of 2,000 characters is about 500 tokens, half of an answer's usual
# limit.
MAX_TEXT_LENGTH = 2_000
MAX_ITEMS = 100
MAX_INTEGER = 10**15 - 1
MAX_NUMBER = Decimal("999999999999.999999")
DECIMALS = 6
DATA_URL = Text(0, 28 * 2**20)  # a data URL: 20 MiB in base64, plus its prefix


def terminals(grammar: Grammar) -> Iterator[Grammar]:
    """All leaves of a grammar, in reading order."""
    match grammar:
        case Choice(options):
            for option in options:
                yield from terminals(option)
        case Object(parts):
            for _, inner in parts:
                yield from terminals(inner)
        case Array(item):
            yield from terminals(item)
        case Tuple(items):
            for item in items:
                yield from terminals(item)
        case Map(key, value):
            yield from terminals(key)
            yield from terminals(value)
        case _:
            yield grammar
