"""JSON Schema leaves as terminals of a grammar: texts, numbers and constants, with their bounds."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, TypeAlias, cast

from plait.core.errors import Problem
from plait.core.grammar.ast import (
    MAX_INTEGER,
    MAX_NUMBER,
    Choice,
    DateTime,
    Grammar,
    Integer,
    Literal,
    Number,
)
from plait.core.grammar.json_schema import ZONE_SUFFIXES, datetime_schema
from plait.core.grammar.numbers import representable_bounds
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote, to_printable

JsonPath: TypeAlias = tuple[str, ...]
JsonObject: TypeAlias = Mapping[str, Json]

NUMBER_KEYWORDS = {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
FORMAT_BOUNDS = {
    "int8": (-(2**7), 2**7 - 1), "int16": (-(2**15), 2**15 - 1), "int32": (-(2**31), 2**31 - 1),
    "int64": (-(10**15) + 1, 10**15 - 1), "uint8": (0, 2**8 - 1), "uint16": (0, 2**16 - 1),
    "uint32": (0, 2**32 - 1), "uint64": (0, 10**15 - 1), "uint": (0, 10**15 - 1),
}  # fmt: skip
# The patterns that our own schemas use for times, whose zone the formats do not tell (plait.core.grammar.json_schema).
PATTERNS = {
    datetime_schema(form, cast(Any, zone))["pattern"]: DateTime(cast(Any, form), cast(Any, zone))
    for form in ("time", "datetime")
    for zone in ZONE_SUFFIXES
}
MAX_MAGNITUDE = 10**18


class FlatSchema(Protocol):
    """A flat schema: plait.core.grammar.schema_alternatives.Part."""

    @property
    def path(self) -> JsonPath: ...

    @property
    def keywords(self) -> JsonObject: ...


class UnsupportedSchema(Exception):
    """A part of a schema that the grammar cannot express."""

    def __init__(self, path: JsonPath, message: str, value: object = None) -> None:
        super().__init__(message)
        self.problem = Problem(to_printable(".".join(path)), message, quote(value))


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


def size_bounds(part: FlatSchema, min_key: str, max_key: str, limit: int) -> tuple[int, int]:
    """Minimum and maximum number of characters or items, capped at `limit`."""
    low, high = part.keywords.get(min_key, 0), part.keywords.get(max_key, limit)
    sizes: list[int] = []
    for name, value in ((min_key, low), (max_key, high)):
        if isinstance(value, bool) or not isinstance(value, int | float) or value < 0 or value != int(value):
            raise UnsupportedSchema((*part.path, name), "should be a whole number, 0 or more", value)
        sizes.append(int(value))
    if sizes[0] > limit:
        raise UnsupportedSchema((*part.path, min_key), f"is above the limit of {limit:,}", low)
    if sizes[0] > sizes[1]:
        raise UnsupportedSchema((*part.path, max_key), f"is less than {min_key}", high)
    return sizes[0], min(sizes[1], limit)


@dataclass(frozen=True)
class NumberBounds:
    low: Decimal
    high: Decimal
    exclusive_low: bool
    exclusive_high: bool


def number_bounds(parts: Sequence[FlatSchema], default: Decimal = Decimal(10) ** 30) -> NumberBounds:
    """The tightest of the inclusive and exclusive bounds at each end."""
    lows, highs = [(-default, False)], [(default, True)]
    for part in parts:
        for name in NUMBER_KEYWORDS & part.keywords.keys():
            value = part.keywords[name]
            if isinstance(value, bool) and name.startswith("exclusive"):
                continue  # draft 4: a flag of the bound
            if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
                raise UnsupportedSchema((*part.path, name), "should be a number", value)
            if abs(value) > MAX_MAGNITUDE and ((value > 0) is name.endswith("inimum")):
                raise UnsupportedSchema(
                    (*part.path, name), f"is beyond {MAX_MAGNITUDE:.0e}, beyond what can be generated", value
                )
            flag = f"exclusive{name[0].upper()}{name[1:]}"
            exclusive = name.startswith("exclusive") or part.keywords.get(flag) is True
            (lows if name.endswith("inimum") else highs).append(
                (to_decimal(value), exclusive if name.endswith("inimum") else not exclusive)
            )
        if part.keywords.get("format") in FORMAT_BOUNDS:
            low, high = FORMAT_BOUNDS[str(part.keywords["format"])]
            lows.append((Decimal(low), False))
            highs.append((Decimal(high), True))
    (low, above), (high, within) = max(lows), min(highs)
    return NumberBounds(low, high, above, not within)


def integer_grammar(parts: Sequence[FlatSchema]) -> Grammar:
    limits = number_bounds(parts, Decimal(MAX_INTEGER))
    low = math.floor(limits.low) + 1 if limits.exclusive_low else math.ceil(limits.low)
    high = math.ceil(limits.high) - 1 if limits.exclusive_high else math.floor(limits.high)
    if low > high:
        raise UnsupportedSchema(parts[0].path, "has bounds with no whole number between them", dict(parts[0].keywords))
    return multiples(low, high, parts) or Integer(low, high)


def number_grammar(parts: Sequence[FlatSchema]) -> Grammar:
    limits = number_bounds(parts, MAX_NUMBER)
    low, high = representable_bounds(limits.low, limits.high, limits.exclusive_low, limits.exclusive_high)
    if low > high:
        raise UnsupportedSchema(
            parts[0].path, "has bounds with no number of six decimals between them", dict(parts[0].keywords)
        )
    if low <= math.floor(high) and (some := multiples(math.ceil(low), math.floor(high), parts)):
        return some
    return Number(limits.low, limits.high, limits.exclusive_low, limits.exclusive_high)


def multiples(low: int, high: int, parts: Sequence[FlatSchema]) -> Grammar | None:
    """The first hundred multiples of `multipleOf`, the smallest first; None without that keyword."""
    for part in parts:
        if "multipleOf" in part.keywords:
            step = part.keywords["multipleOf"]
            path = (*part.path, "multipleOf")
            if isinstance(step, bool) or not isinstance(step, int | float) or step <= 0:
                raise UnsupportedSchema(path, "should be a number above 0", step)
            if sum("multipleOf" in each.keywords for each in parts) > 1 or step != int(step):
                raise UnsupportedSchema(path, "is not supported except for one whole number", step)
            first = max(-(-low // int(step)), min(0, high // int(step)))
            values = [count * int(step) for count in range(first, min(high // int(step), first + 99) + 1)]
            if not values:
                raise UnsupportedSchema(path, "has no multiple between the bounds", step)
            return Choice(tuple(map(Literal, values)))
    return None
