"""The leaves of a JSON Schema as terminals of a grammar: texts, numbers, constants, with their bounds."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, cast

from plait.core.errors import Problem
from plait.core.grammar.ast import NUMBER, TEXT, WHOLE, Grammar, Literal, Moment, Number, Text, Whole
from plait.core.grammar.json_schema import MOMENTS
from plait.core.grammar.numbers import written_between
from plait.core.values.quoting import printable, shown
from plait.core.values.value_type import Json

Path: TypeAlias = tuple[str, ...]
Table: TypeAlias = Mapping[str, Json]

TEXTS = {"minLength", "maxLength", "format", "pattern"}
BOUNDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
FORMATS = {"date": Moment("date"), "time": Moment("time"), "date-time": Moment("datetime")}
# The patterns by which our own schemas say times, which need no zone (plait.core.grammar.json_schema).
PATTERNS = {told["pattern"]: Moment(cast(Any, form)) for form, told in MOMENTS.items() if "pattern" in told}
LARGEST = 10**18


class Unheld(Exception):
    """A part of a schema that no grammar of ours holds."""

    def __init__(self, path: Path, message: str, value: object = None) -> None:
        super().__init__(message)
        self.problem = Problem(printable(".".join(path)), message, shown(value))


def alone(told: Table, known: set[str], path: Path) -> None:
    for name, value in told.items():
        if name not in known:
            raise Unheld((*path, name), "is not honoured", value)


def decimal(value: object) -> Decimal:
    """The number as it was written; -0.0 is 0."""
    return Decimal(repr(value)) + 0


def literal(value: Json, path: Path) -> Grammar:
    if isinstance(value, float):
        exact = decimal(value)
        low, high = written_between(exact, exact, False, False) if abs(exact) <= NUMBER else (Decimal(1), Decimal(0))
        if low != high:
            raise Unheld(path, "has more digits than are written", value)
        return Number(exact, exact)
    if isinstance(value, list | dict) or (isinstance(value, int) and abs(value) > LARGEST):
        raise Unheld(path, "should be texts, numbers, true, false or null", value)
    return Literal(value)


def counted(told: Table, least: str, most: str, longest: int, path: Path) -> tuple[int, int]:
    """How many characters or items there are: at most as many as are ever written."""
    low, high = told.get(least, 0), told.get(most, longest)
    for name, value in ((least, low), (most, high)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise Unheld((*path, name), "should be a whole number, 0 or more", value)
    assert isinstance(low, int) and isinstance(high, int)
    if low > longest:
        raise Unheld((*path, least), f"is more than are ever written: {longest:,}", low)
    if low > high:
        raise Unheld((*path, most), f"is less than {least}", high)
    return low, min(high, longest)


def text(told: Table, path: Path) -> Grammar:
    for name, known in (("format", FORMATS), ("pattern", PATTERNS)):
        if name in told:
            found = known.get(cast(Any, told[name])) if isinstance(told[name], str) else None
            if found is None:
                raise Unheld((*path, name), "is not honoured", told[name])
            alone({key: told[key] for key in TEXTS & set(told)}, {name}, path)
            return found
    return Text(*counted(told, "minLength", "maxLength", TEXT, path))


@dataclass(frozen=True)
class Bounds:
    low: Decimal
    high: Decimal
    above: bool
    below: bool


def bounds(told: Table, usual: Decimal, path: Path) -> Bounds:
    """The tighter of each pair of bounds."""
    for name in BOUNDS & set(told):
        value = told[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise Unheld((*path, name), "should be a number", value)
        if abs(value) > LARGEST and ((value > 0) is name.endswith("inimum")):
            raise Unheld((*path, name), f"is beyond {LARGEST:.0e}, further than is written", value)
    lows = [(-usual, False), *stated(told, "minimum", "exclusiveMinimum")]
    highs = [(usual, True), *((high, not out) for high, out in stated(told, "maximum", "exclusiveMaximum"))]
    (low, above), (high, within) = max(lows), min(highs)
    return Bounds(low, high, above, not within)


def stated(told: Table, inside: str, outside: str) -> Iterator[tuple[Decimal, bool]]:
    for name in (inside, outside):
        if name in told:
            yield decimal(told[name]), name == outside


def whole(told: Table, path: Path) -> Whole:
    found = bounds(told, Decimal(WHOLE), path)
    low = math.floor(found.low) + 1 if found.above else math.ceil(found.low)
    high = math.ceil(found.high) - 1 if found.below else math.floor(found.high)
    if low > high:
        raise Unheld(path, "has bounds with no whole number between them", dict(told))
    return Whole(low, high)


def number(told: Table, path: Path) -> Number:
    found = bounds(told, NUMBER, path)
    low, high = written_between(found.low, found.high, found.above, found.below)
    if low > high:
        raise Unheld(path, "has bounds with no number of six decimals between them", dict(told))
    return Number(found.low, found.high, found.above, found.below)
