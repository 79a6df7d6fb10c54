"""Numbers: `int` and `float` within exact bounds."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from plait.core.grammar import ast as g
from plait.core.grammar.ast import DECIMALS, MAX_INTEGER, MAX_NUMBER
from plait.core.grammar.numbers import representable_bounds
from plait.core.task.signature import TypeResolver, UnsupportedType
from plait.core.values.call_context import CallContext
from plait.core.values.constraints import Constraints
from plait.core.values.forms import FormFields, Texts
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.value_type import ValueType


@dataclass(frozen=True)
class NumberType(ValueType):
    """A number between exact bounds. `excludes_minimum` and `excludes_maximum` apply to decimals only.

    `bounded` tells which of the two bounds the declaration sets; default bounds bind answers only, inputs may exceed
    them.
    """

    is_scalar = True
    is_numeric = True

    is_integer: bool
    minimum: Decimal
    maximum: Decimal
    excludes_minimum: bool = False
    excludes_maximum: bool = False
    multiple_of: float | int | None = None
    description: str = ""
    bounded: tuple[bool, bool] = (False, False)

    @classmethod
    def from_annotation(cls, annotation: object, constraints: Constraints, resolver: TypeResolver) -> ValueType | None:
        if annotation is int:
            return integer_type(constraints)
        return decimal_type(constraints) if annotation is float else None

    def encode(self, value: object, context: CallContext) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValue("should be a number", repr(value))
        return without_fraction(value)

    def decode(self, json_value: Json, context: CallContext) -> object:
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
        return g.Number(self.minimum, self.maximum, self.excludes_minimum, self.excludes_maximum)

    def residual_checks(self) -> tuple[str, ...]:
        return (f"is a multiple of {self.multiple_of}",) if self.multiple_of is not None else ()

    def schema(self) -> dict[str, Json]:
        """The JSON Schema with the declared bounds only: the default ones bind answers, not callers."""
        to_python = int if self.is_integer else float
        schema: dict[str, Json] = {"type": "integer" if self.is_integer else "number"}
        has_minimum, has_maximum = self.bounded
        if has_minimum:
            schema["exclusiveMinimum" if self.excludes_minimum else "minimum"] = to_python(self.minimum)
        if has_maximum:
            schema["exclusiveMaximum" if self.excludes_maximum else "maximum"] = to_python(self.maximum)
        return {**schema, "multipleOf": self.multiple_of} if self.multiple_of is not None else schema

    def describe(self) -> str:
        return "whole number" if self.is_integer else "number"

    def score(self, prediction: object, reference: object) -> float:
        """1 for equal numbers; decimals may differ by one part in a million, the noise of a float."""
        assert isinstance(prediction, int | float) and isinstance(reference, int | float)
        return float(math.isclose(prediction, reference, rel_tol=0 if self.is_integer else 1e-6))

    def read_form(self, fields: FormFields, name: str) -> Json:
        text = fields.get_one(name).strip()
        try:
            return int(text) if self.is_integer else without_fraction(float(text))
        except ValueError:
            raise InvalidValue(self.message, text) from None

    def to_fields(self, json_value: Json, name: str) -> Texts:
        return {name: [repr(json_value)]}

    def placeholder(self) -> Json:
        return 0


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


def decimal_type(constraints: Constraints) -> NumberType:
    low, above = tightest_bound(constraints.ge, constraints.gt, max)
    high, below = tightest_bound(constraints.le, constraints.lt, min)
    minimum, maximum = with_default_bounds(low, high, MAX_NUMBER)
    lowest, highest = representable_bounds(minimum, maximum, above, below)
    check_not_empty(constraints, lowest > highest, f"number with at most {DECIMALS} decimals")
    bounded = (low is not None, high is not None)
    return NumberType(False, minimum, maximum, above, below, constraints.multiple_of, constraints.description, bounded)


def tightest_bound(
    including: float | int | None, excluding: float | int | None, tighter: Callable[[list[Decimal]], Decimal]
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
