"""Numbers: `int`, `float` and `Decimal` within exact bounds."""

import math
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from plait.core.grammar import ast as g
from plait.core.grammar.ast import DECIMALS, MAX_INTEGER, MAX_NUMBER
from plait.core.grammar.numbers import integer_pattern, number_pattern, representable_bounds
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import CallContext
from plait.core.values.constraints import Bound, Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType

DECIMAL_TEXT = re.compile(r"-?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?", re.ASCII)


@dataclass(frozen=True)
class NumberType(ValueType):
    """A number between exact bounds. `excludes_minimum` and `excludes_maximum` do not apply to integers.

    `bounded` tells which of the two bounds the declaration sets; default bounds bind answers only, inputs may exceed
    them. With `is_decimal` the value is a Decimal: a text in JSON, so that no digit is lost; `places` are the digits
    that an answer may have after the point, `max_digits` those that it may have in all.
    """

    is_scalar = True
    is_numeric = True
    is_atomic = True

    is_integer: bool
    minimum: Decimal
    maximum: Decimal
    excludes_minimum: bool = False
    excludes_maximum: bool = False
    multiple_of: Bound | None = None
    description: str = ""
    bounded: tuple[bool, bool] = (False, False)
    is_decimal: bool = False
    places: int = DECIMALS
    max_digits: int | None = None

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is int:
            return integer_type(constraints)
        if annotation is Decimal:
            return decimal_type(constraints)
        return float_type(constraints) if annotation is float else None

    def encode(self, value: object, context: CallContext) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
            raise InvalidValue("should be a number", repr(value))
        if self.is_decimal:
            return decimal_text(value if isinstance(value, Decimal) else Decimal(str(value)))
        return without_fraction(float(value) if isinstance(value, Decimal) else value)

    def decode(self, json_value: Json, context: CallContext) -> object:
        if self.is_decimal:
            return parse_decimal(json_value)
        if isinstance(json_value, bool) or not isinstance(json_value, int | float):
            raise InvalidValue(self.message, json_value)
        if isinstance(json_value, float) and not math.isfinite(json_value):
            raise InvalidValue("should be a finite number", json_value)
        if self.is_integer and not isinstance(json_value, int):
            raise InvalidValue(self.message, json_value)
        try:
            return json_value if self.is_integer else float(json_value)
        except OverflowError:
            raise InvalidValue("is larger than any float", json_value) from None

    @property
    def message(self) -> str:
        return "should be a whole number" if self.is_integer else "should be a number"

    def grammar(self, context: CallContext) -> g.Grammar:
        if self.is_integer:
            return g.Integer(int(self.minimum), int(self.maximum))
        if self.is_decimal:
            return g.Pattern(self.decimal_pattern(), f"a decimal number from {self.minimum} to {self.maximum}")
        return g.Number(self.minimum, self.maximum, self.excludes_minimum, self.excludes_maximum)

    def decimal_pattern(self) -> str:
        bounds = self.minimum, self.maximum, self.excludes_minimum, self.excludes_maximum
        if self.places:
            return number_pattern(*bounds, self.places)
        return integer_pattern(*map(int, representable_bounds(*bounds, 0)))

    def residual_checks(self) -> tuple[str, ...]:
        rules = {
            f"is a multiple of {self.multiple_of}": self.multiple_of,
            f"has {self.max_digits} digits": self.max_digits,
        }
        return tuple(rule for rule, bound in rules.items() if bound is not None)

    def schema(self) -> dict[str, Json]:
        """The JSON Schema with the declared bounds only: the default ones bind answers, not callers."""
        to_python = int if self.is_integer else float
        schema: dict[str, Json] = {"type": "integer" if self.is_integer else "number"}
        if self.is_decimal:  # written as a text; a number is read, too
            schema = {"type": ["string", "number"], "pattern": f"^{DECIMAL_TEXT.pattern}$"}
        has_minimum, has_maximum = self.bounded
        if has_minimum:
            schema["exclusiveMinimum" if self.excludes_minimum else "minimum"] = to_python(self.minimum)
        if has_maximum:
            schema["exclusiveMaximum" if self.excludes_maximum else "maximum"] = to_python(self.maximum)
        return {**schema, "multipleOf": to_python(self.multiple_of)} if self.multiple_of is not None else schema

    def describe(self) -> str:
        return "whole number" if self.is_integer else "decimal number as text" if self.is_decimal else "number"

    def score(self, prediction: object, reference: object) -> float:
        """1 for equal numbers; decimals may differ by one part in a million, the noise of a float."""
        assert isinstance(prediction, int | float | Decimal) and isinstance(reference, int | float | Decimal)
        exact = self.is_integer or self.is_decimal
        return float(prediction == reference if exact else math.isclose(prediction, reference, rel_tol=1e-6))

    def read_form(self, fields: FormFields, name: str) -> Json:
        text = fields.get_one(name).strip()
        if self.is_decimal:
            return decimal_text(parse_decimal(text))
        try:
            return int(text) if self.is_integer else without_fraction(float(text))
        except ValueError:
            raise InvalidValue(self.message, text) from None

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: [json_value if isinstance(json_value, str) else repr(json_value)]}

    def placeholder(self) -> Json:
        """0, or 1 if 0 is out of bounds, or the nearest value within them."""
        bounds = self.minimum, self.maximum, self.excludes_minimum, self.excludes_maximum
        low, high = representable_bounds(*bounds, self.places)
        value = Decimal(1) if low <= 1 <= high and not low <= 0 <= high else min(max(Decimal(), low), high)
        if self.multiple_of is not None:
            step = Decimal(str(self.multiple_of))
            value = (value / step).to_integral_value(ROUND_CEILING if value > 0 else ROUND_FLOOR) * step
        if self.is_decimal:
            return decimal_text(value.normalize())
        return int(value) if self.is_integer else without_fraction(float(value))


def parse_decimal(json_value: Json) -> Decimal:
    """The exact number of a JSON text or number. Raises InvalidValue."""
    if isinstance(json_value, bool) or not isinstance(json_value, int | float | str):
        raise InvalidValue("should be a decimal number, as text or number", json_value)
    text = json_value if isinstance(json_value, str) else repr(json_value)
    if not DECIMAL_TEXT.fullmatch(text):
        raise InvalidValue('should be a decimal number such as "14.50"', json_value)
    return Decimal(text)


def decimal_text(value: Decimal) -> str:
    """The JSON form of a Decimal: all its digits, no exponent. Raises InvalidValue for infinities and NaN."""
    if not value.is_finite():
        raise InvalidValue("should be a finite number", repr(value))
    return format(value if value else abs(value), "f")


def without_fraction(value: int | float) -> int | float:
    """The number as an int if it is whole: 3, not 3.0, as people write it and as a model copies it from an example."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def integer_type(constraints: Constraints) -> NumberType:
    low, above = tightest_bound(constraints.ge, constraints.gt, max)
    high, below = tightest_bound(constraints.le, constraints.lt, min)
    # `gt=0.5` and `ge=0.5` both start at 1, `gt=1` at 2.
    least = None if low is None else math.floor(low) + 1 if above else math.ceil(low)
    most = None if high is None else math.ceil(high) - 1 if below else math.floor(high)
    minimum, maximum = with_default_bounds(least, most, Decimal(MAX_INTEGER))
    check_not_empty(constraints, minimum > maximum, "whole number")
    bounded = (low is not None, high is not None)
    return NumberType(True, minimum, maximum, False, False, constraints.multiple_of, constraints.description, bounded)


def float_type(constraints: Constraints) -> NumberType:
    low, above = tightest_bound(constraints.ge, constraints.gt, max)
    high, below = tightest_bound(constraints.le, constraints.lt, min)
    minimum, maximum = with_default_bounds(low, high, MAX_NUMBER)
    lowest, highest = representable_bounds(minimum, maximum, above, below)
    check_not_empty(constraints, lowest > highest, f"number with at most {DECIMALS} decimals")
    bounded = (low is not None, high is not None)
    return NumberType(False, minimum, maximum, above, below, constraints.multiple_of, constraints.description, bounded)


def decimal_type(constraints: Constraints) -> NumberType:
    """The type of a Decimal. With both `max_digits` and `decimal_places`, the digits before the point are bounded."""
    number = float_type(constraints)
    places = DECIMALS if constraints.decimal_places is None else min(constraints.decimal_places, DECIMALS)
    minimum, maximum, max_digits = number.minimum, number.maximum, constraints.max_digits
    if max_digits is not None and constraints.decimal_places is not None:
        most = Decimal(10) ** (max_digits - constraints.decimal_places) - Decimal(1).scaleb(-places)
        minimum, maximum, max_digits = max(minimum, -most), min(maximum, most), None
    above = number.excludes_minimum and minimum == number.minimum
    below = number.excludes_maximum and maximum == number.maximum
    lowest, highest = representable_bounds(minimum, maximum, above, below, places)
    check_not_empty(constraints, lowest > highest, f"number with at most {places} decimals")
    return replace(
        number,
        minimum=minimum,
        maximum=maximum,
        excludes_minimum=above,
        excludes_maximum=below,
        is_decimal=True,
        places=places,
        max_digits=max_digits,
    )


def tightest_bound(
    including: Bound | None, excluding: Bound | None, tighter: Callable[[list[Decimal]], Decimal]
) -> tuple[Decimal | None, bool]:
    """The tighter bound, exactly as written, and whether it is exclusive; (None, False) if it is infinite."""
    with_it, without = (
        [Decimal(str(each))] if each is not None and math.isfinite(each) else [] for each in (including, excluding)
    )
    if not with_it and not without:
        return None, False
    bound = tighter(with_it + without)
    return bound, bound in without


def with_default_bounds(
    low: Decimal | int | None, high: Decimal | int | None, default: Decimal
) -> tuple[Decimal, Decimal]:
    """Both bounds. A missing one is the default, or further out if the other bound exceeds the default."""
    if low is None:
        low = -default if high is None or high >= -default else high - default
    if high is None:
        high = default if low <= default else low + default
    return Decimal(low), Decimal(high)


def check_not_empty(constraints: Constraints, is_empty: bool, subject: str) -> None:
    if is_empty:
        bounds = (
            f"{name}={bound}" for name in ("ge", "gt", "le", "lt") if (bound := getattr(constraints, name)) is not None
        )
        raise UnsupportedType(f"no {subject} fits {', '.join(bounds)}", "widen the bounds")
