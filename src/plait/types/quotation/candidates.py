"""The values that may be quoted from some texts, by the form in which a model writes them."""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from functools import cached_property, lru_cache

from plait.core.grammar import ast as g
from plait.core.values.call_context import NO_CONTEXT
from plait.core.values.constraints import Constraints
from plait.core.values.span import InputText, InputTexts, Span
from plait.core.values.value_type import ValueType
from plait.types.quotation.date_spellings import date_spellings
from plait.types.quotation.number_spellings import number_spellings
from plait.types.quotation.spelling import Spelling
from plait.types.quotation.time_spellings import time_spellings
from plait.types.quotation.words import MAX_LENGTH, PlacedWord, collapse, text_lines, word_end

Occurrences = tuple[tuple[Span, ...], ...]
MAX_SAMPLES = 200


class Candidates(ABC):
    """Quotable values. A form is the text that a model writes."""

    @cached_property
    @abstractmethod
    def grammar(self) -> g.Grammar: ...

    @abstractmethod
    def json_grammar(self, value_type: ValueType) -> g.Grammar:
        """The grammar of the JSON forms of the values."""

    @property
    @abstractmethod
    def samples(self) -> list[str]:
        """Some values as texts, for a hint."""

    @abstractmethod
    def form_of(self, value: object) -> str | None:
        """The form of a value; None if it does not stand in the texts."""

    @abstractmethod
    def value_of(self, form: str) -> object:
        """The value of a form; None if it does not stand in the texts."""

    @abstractmethod
    def occurrences(self, form: str) -> Occurrences:
        """Every place of a form, in reading order."""


@dataclass(frozen=True, eq=False)
class ValueCandidates(Candidates):
    """Numbers, dates or times: spellings by form. A form is the spelling, with ` = reading` where there are several."""

    spellings: Mapping[str, tuple[tuple[InputText, Spelling], ...]]

    @cached_property
    def grammar(self) -> g.Grammar:
        return g.Choice(tuple(g.Literal(form) for form in self.spellings))

    def json_grammar(self, value_type: ValueType) -> g.Grammar:
        json_values = (value_type.encode(value, NO_CONTEXT) for value in self.forms)
        return g.Choice(tuple(g.Literal(each) for each in json_values if isinstance(each, str | int | float)))

    @property
    def samples(self) -> list[str]:
        return list(self.spellings)[:MAX_SAMPLES]

    @cached_property
    def forms(self) -> Mapping[object, str]:
        """The first form of each value."""
        return {each[0][1].value: form for form, each in reversed(list(self.spellings.items()))}

    def form_of(self, value: object) -> str | None:
        return self.forms.get(value)

    def value_of(self, form: str) -> object:
        return self.spellings[form][0][1].value if form in self.spellings else None

    def occurrences(self, form: str) -> Occurrences:
        return tuple(
            tuple(text.span(place.start, place.end) for place in spelling.places)
            for text, spelling in self.spellings.get(form, ())
        )


@lru_cache(maxsize=64)
def value_candidates(texts: InputTexts, python_type: type, constraints: Constraints) -> ValueCandidates:
    """The numbers (`int`, `float`, `Decimal`), dates or times of the texts within the bounds."""
    located = [
        (text, replace_value(spelling, value))
        for text in texts
        for spelling in spellings_of(python_type, text.text)
        if (value := to_python_type(spelling.value, python_type)) is not None and is_within(value, constraints)
    ]
    readings: dict[str, set[object]] = {}
    for _, spelling in located:
        readings.setdefault(collapse(spelling.text), set()).add(spelling.value)
    forms: dict[str, list[tuple[InputText, Spelling]]] = {}
    for text, spelling in located:
        plain = collapse(spelling.text)
        form = plain if len(readings[plain]) == 1 else f"{plain} = {spelling.value}"
        forms.setdefault(form, []).append((text, spelling))
    return ValueCandidates({form: tuple(each) for form, each in forms.items()})


def replace_value(spelling: Spelling, value: object) -> Spelling:
    return Spelling(spelling.text, value, spelling.places)


def spellings_of(python_type: type, text: str) -> tuple[Spelling, ...]:
    if python_type is date:
        return date_spellings(text)
    if python_type is time:
        return time_spellings(text)
    return number_spellings(text) if python_type is int else numbers_outside_dates(text)


@lru_cache(maxsize=64)
def numbers_outside_dates(text: str) -> tuple[Spelling, ...]:
    """The numbers that are no part of a written date with its year: an amount is none, but a year may be an `int`.

    Of 1,386 prices of invoices none stands inside a date alone, and a fifth of their numbers do.
    """
    dates = [each.places[0] for each in date_spellings(text) if len(each.places) == 1]
    return tuple(
        each
        for each in number_spellings(text)
        if not any(day.start <= each.places[0].start and each.places[0].end <= day.end for day in dates)
    )


def to_python_type(value: object, python_type: type) -> object:
    """A number as the declared type; None if it is none, as 1.5 is no int."""
    if not isinstance(value, Decimal) or python_type is Decimal:
        return value
    if python_type is int:
        return int(value) if value == value.to_integral_value() else None
    return float(value)


def is_within(value: object, constraints: Constraints) -> bool:
    """Whether a value keeps the declared bounds."""
    number = Decimal(str(value)) if isinstance(value, float) else value

    def compare(name: str, bound: object) -> bool:
        exact = Decimal(str(bound)) if isinstance(bound, float) else bound
        return bool(getattr(number, f"__{name}__")(exact))

    bounds = ((name, getattr(constraints, name)) for name in ("ge", "gt", "le", "lt"))
    return all(bound is None or compare(name, bound) for name, bound in bounds)


@dataclass(frozen=True, eq=False)
class TextCandidates(Candidates):
    """Runs of words. The form and the value of a run are its words, with single spaces where white space stands."""

    texts: InputTexts

    @cached_property
    def grammar(self) -> g.Grammar:
        return g.WordRun(tuple(words_of(part) for line in self.lines for part in windows(line)))

    def json_grammar(self, value_type: ValueType) -> g.Grammar:
        return self.grammar

    @cached_property
    def lines(self) -> tuple[tuple[PlacedWord, ...], ...]:
        return tuple(line for text in self.texts for line in text_lines(text.text))

    @property
    def samples(self) -> list[str]:
        return [collapse(line) for text in self.texts for line in text.text.splitlines()][:MAX_SAMPLES]

    def form_of(self, value: object) -> str | None:
        form = collapse(str(value))
        return form if self.occurrences(form) else None

    def value_of(self, form: str) -> object:
        return self.form_of(form)

    def occurrences(self, form: str) -> Occurrences:
        return text_occurrences(self, form)

    def iter_occurrences(self, form: str) -> Iterator[Span]:
        for text, line, first in self.starts.get(form[: word_end(form, 0)] if form else "", ()):
            last = end_of_run(line, first, form)
            if last is not None:
                yield text.span(line[first].start, line[last].end)

    @cached_property
    def starts(self) -> Mapping[str, list[tuple[InputText, tuple[PlacedWord, ...], int]]]:
        """By word: where it stands and may begin a run, as text, line and index in the line."""
        starts: dict[str, list[tuple[InputText, tuple[PlacedWord, ...], int]]] = {}
        for text in self.texts:
            for line in text_lines(text.text):
                for index, placed in enumerate(line):
                    if placed.word.starts:
                        starts.setdefault(placed.word.text, []).append((text, line, index))
        return starts


def end_of_run(line: tuple[PlacedWord, ...], first: int, form: str) -> int | None:
    """The index of the last word of the run that begins at `first` and reads as `form`; None if there is none."""
    length, last = len(line[first].word.text), first
    while length < len(form) and last + 1 < len(line):
        word = line[last + 1].word
        text = f" {word.text}" if word.spaced else word.text
        if not form.startswith(text, length):
            return None
        length, last = length + len(text), last + 1
    return last if length == len(form) and line[last].word.ends else None


def windows(line: tuple[PlacedWord, ...]) -> Iterator[tuple[PlacedWord, ...]]:
    """The line; a long one in overlapping parts, so that each run of up to MAX_LENGTH code points lies in one of them.

    A model that begins to copy a long paragraph therefore stops after at most twice that length.
    """
    start = 0
    while line[-1].end - line[start].start > 2 * MAX_LENGTH:
        end = next(index for index in range(start, len(line)) if line[index].end - line[start].start > 2 * MAX_LENGTH)
        yield line[start : max(end, start + 1)]
        middle = line[start].start + MAX_LENGTH
        start = max(start + 1, next(index for index in range(start, len(line)) if line[index].end > middle))
    yield line[start:]


def words_of(line: tuple[PlacedWord, ...]) -> tuple[g.Word, ...]:
    return tuple(each.word for each in line)


@lru_cache(maxsize=1024)
def text_occurrences(candidates: TextCandidates, form: str) -> Occurrences:
    """Decoding, encoding and evidence each look for a quotation."""
    return tuple((span,) for span in candidates.iter_occurrences(form))


@lru_cache(maxsize=64)
def text_candidates(texts: InputTexts) -> TextCandidates:
    return TextCandidates(texts)
