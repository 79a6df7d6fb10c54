"""What a decoder is held to, as a small frozen value: an algebra of JSON values.

A grammar says which values may be written and in which order; how they are spelled is a renderer's matter (GBNF,
JSON Schema, later a token automaton). Everything is bounded: text, lists and numbers have a maximum, so that no decoder
runs away.

    Literal      exactly this value
    Choice       one of several
    Sequence     an object with these names, in this order
    Repeat       a list of between minimum and maximum items
    Reference    one of the objects passed in, by name or by number
    Text, Number, Whole, Moment, Corners      terminals with their bounds
    Painting     a picture
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal as OneOf
from typing import TypeAlias


@dataclass(frozen=True)
class Literal:
    value: str | int | bool | None


@dataclass(frozen=True)
class Choice:
    options: "tuple[Grammar, ...]"


@dataclass(frozen=True)
class Object:
    """`optional` are names that may be left out; no answer of a task has any, schemas of other programs do."""

    fields: "tuple[tuple[str, Grammar], ...]"
    optional: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Array:
    item: "Grammar"
    minimum: int
    maximum: int


@dataclass(frozen=True)
class Reference:
    """One of `labels`: names (str) where each candidate has one of its own, else numbers (int). Never empty."""

    labels: tuple[str | int, ...]


@dataclass(frozen=True)
class Text:
    """Characters of any script, between `minimum` and `maximum` of them (code points). No control characters."""

    minimum: int
    maximum: int


@dataclass(frozen=True)
class Integer:
    """An integer, both bounds included."""

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
    """A date, a time of day or both, in ISO 8601; only such as exist (no 31 April, leap years by rule)."""

    form: OneOf["date", "time", "datetime"]


@dataclass(frozen=True)
class BinnedBox:
    """A box as the unified model writes it: left, top, right, bottom, each one of `bins` locations along its axis
    (0 the first), the latter two beyond the former. On the wire a list of four numbers.
    """

    bins: int


@dataclass(frozen=True)
class ImageCodes:
    """A picture, painted by a model that can; on the wire a data URL, which is all that a writer can be held to."""


Grammar: TypeAlias = (
    Literal | Choice | Object | Array | Reference | Text | Integer | Number | DateTime | BinnedBox | ImageCodes
)

# Bounds where the writer gave none. A text of 2,000 characters is about 500 tokens; half of the usual answer's limit.
MAX_TEXT_LENGTH = 2_000
MAX_ITEMS = 100
MAX_INTEGER = 10**15 - 1
MAX_NUMBER = Decimal("999999999999.999999")
DECIMALS = 6
DATA_URL = Text(0, 28 * 2**20)  # a data URL: 20 MiB in base64, with its head


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
        case _:
            yield grammar
