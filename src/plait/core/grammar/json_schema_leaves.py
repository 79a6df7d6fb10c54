"""JSON Schema leaves as terminals of a grammar: texts, numbers and constants, with their bounds."""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias, cast

from plait.core.errors import Problem
from plait.core.grammar.ast import (
    MAX_INTEGER,
    MAX_NUMBER,
    MAX_TEXT_LENGTH,
    DateTime,
    Grammar,
    Integer,
    Literal,
    Number,
    Text,
)
from plait.core.grammar.json_schema import ZONE_SUFFIXES, datetime_schema
from plait.core.grammar.numbers import representable_bounds
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote, to_printable

JsonPath: TypeAlias = tuple[str, ...]
JsonObject: TypeAlias = Mapping[str, Json]

TEXT_KEYWORDS = {"minLength", "maxLength", "format", "pattern"}
NUMBER_KEYWORDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
FORMATS = {"date": DateTime("date"), "time": DateTime("time"), "date-time": DateTime("datetime", "optional")}
# The patterns that our own schemas use for times, whose zone the formats do not tell (plait.core.grammar.json_schema).
PATTERNS = {
    datetime_schema(form, cast(Any, zone))["pattern"]: DateTime(cast(Any, form), cast(Any, zone))
    for form in ("time", "datetime")
    for zone in ZONE_SUFFIXES
}
MAX_MAGNITUDE = 10**18


class UnsupportedSchema(Exception):
    """A part of a schema that the grammar cannot express."""

    def __init__(self, path: JsonPath, message: str, value: object = None) -> None:
        super().__init__(message)
        self.problem = Problem(to_printable(".".join(path)), message, quote(value))


def check_keywords(keywords: JsonObject, allowed: set[str], path: JsonPath) -> None:
    for name, value in keywords.items():
        if name not in allowed:
            raise UnsupportedSchema((*path, name), "is not supported", value)


def to_decimal(value: object) -> Decimal:
    """The number exactly as written; -0.0 becomes 0."""
    return Decimal(repr(value)) + 0


def literal_grammar(value: Json, path: JsonPath) -> Grammar:
    if isinstance(value, float):
        exact = to_decimal(value)
        low, high = (
            representable_bounds(exact, exact, False, False) if abs(exact) <= MAX_NUMBER else (Decimal(1), Decimal(0))
        )
        if low != high:
            raise UnsupportedSchema(path, "has more digits than can be generated", value)
        return Number(exact, exact)
    if isinstance(value, list | dict) or (isinstance(value, int) and abs(value) > MAX_MAGNITUDE):
        raise UnsupportedSchema(path, "should be texts, numbers, true, false or null", value)
    return Literal(value)


def size_bounds(keywords: JsonObject, min_key: str, max_key: str, limit: int, path: JsonPath) -> tuple[int, int]:
    """Minimum and maximum number of characters or items, capped at `limit`."""
    low, high = keywords.get(min_key, 0), keywords.get(max_key, limit)
    for name, value in ((min_key, low), (max_key, high)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise UnsupportedSchema((*path, name), "should be a whole number, 0 or more", value)
    assert isinstance(low, int) and isinstance(high, int)
    if low > limit:
        raise UnsupportedSchema((*path, min_key), f"is above the limit of {limit:,}", low)
    if low > high:
        raise UnsupportedSchema((*path, max_key), f"is less than {min_key}", high)
    return low, min(high, limit)


def text_grammar(keywords: JsonObject, path: JsonPath) -> Grammar:
    for name, known in (("format", FORMATS), ("pattern", PATTERNS)):
        if name in keywords:
            grammar = known.get(cast(Any, keywords[name])) if isinstance(keywords[name], str) else None
            if grammar is None:
                raise UnsupportedSchema((*path, name), "is not supported", keywords[name])
            check_keywords({key: keywords[key] for key in TEXT_KEYWORDS & set(keywords)}, {name}, path)
            return grammar
    return Text(*size_bounds(keywords, "minLength", "maxLength", MAX_TEXT_LENGTH, path))


@dataclass(frozen=True)
class NumberBounds:
    low: Decimal
    high: Decimal
    exclusive_low: bool
    exclusive_high: bool


def number_bounds(keywords: JsonObject, default: Decimal, path: JsonPath) -> NumberBounds:
    """The tighter of the inclusive and exclusive bounds at each end."""
    for name in NUMBER_KEYWORDS & set(keywords):
        value = keywords[name]
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise UnsupportedSchema((*path, name), "should be a number", value)
        if abs(value) > MAX_MAGNITUDE and ((value > 0) is name.endswith("inimum")):
            raise UnsupportedSchema(
                (*path, name), f"is beyond {MAX_MAGNITUDE:.0e}, beyond what can be generated", value
            )
    lows = [(-default, False), *iter_bounds(keywords, "minimum", "exclusiveMinimum")]
    highs = [(default, True), *((high, not out) for high, out in iter_bounds(keywords, "maximum", "exclusiveMaximum"))]
    (low, above), (high, within) = max(lows), min(highs)
    return NumberBounds(low, high, above, not within)


def iter_bounds(keywords: JsonObject, inclusive_key: str, exclusive_key: str) -> Iterator[tuple[Decimal, bool]]:
    for name in (inclusive_key, exclusive_key):
        if name in keywords:
            yield to_decimal(keywords[name]), name == exclusive_key


def integer_grammar(keywords: JsonObject, path: JsonPath) -> Integer:
    limits = number_bounds(keywords, Decimal(MAX_INTEGER), path)
    low = math.floor(limits.low) + 1 if limits.exclusive_low else math.ceil(limits.low)
    high = math.ceil(limits.high) - 1 if limits.exclusive_high else math.floor(limits.high)
    if low > high:
        raise UnsupportedSchema(path, "has bounds with no whole number between them", dict(keywords))
    return Integer(low, high)


def number_grammar(keywords: JsonObject, path: JsonPath) -> Number:
    limits = number_bounds(keywords, MAX_NUMBER, path)
    low, high = representable_bounds(limits.low, limits.high, limits.exclusive_low, limits.exclusive_high)
    if low > high:
        raise UnsupportedSchema(path, "has bounds with no number of six decimals between them", dict(keywords))
    return Number(limits.low, limits.high, limits.exclusive_low, limits.exclusive_high)
