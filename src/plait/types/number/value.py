import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from plait.core.grammar.ast import DECIMALS, MAX_INTEGER, MAX_NUMBER
from plait.core.grammar.numbers import representable_bounds
from plait.core.task.signature import UnsupportedType
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class NumberType(ValueType):
    """A number between exact bounds. `excludes_minimum` and `excludes_maximum` apply to decimals only.

    `bounded` says which of the two bounds the declaration gives: the others bind a decoder only, inputs may be larger.
    """

    is_integer: bool
    minimum: Decimal
    maximum: Decimal
    excludes_minimum: bool = False
    excludes_maximum: bool = False
    multiple_of: float | int | None = None
    description: str = ""
    bounded: tuple[bool, bool] = (False, False)

    def encode(self, value: object, context: CallContext) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValue("should be a number", repr(value))
        return without_fraction(value)

    def decode(self, json_value: Json, context: CallContext) -> object:
        if isinstance(json_value, bool) or not isinstance(json_value, int | float):
            raise InvalidValue("should be a whole number" if self.is_integer else "should be a number", json_value)
        if isinstance(json_value, float) and not math.isfinite(json_value):
            raise InvalidValue("should be a finite number", json_value)
        if self.is_integer and not isinstance(json_value, int):
            raise InvalidValue("should be a whole number", json_value)
        try:
            return json_value if self.is_integer else float(json_value)
        except OverflowError:
            raise InvalidValue("is larger than any float", json_value) from None

    def residual_checks(self) -> tuple[str, ...]:
        return (f"is a multiple of {self.multiple_of}",) if self.multiple_of is not None else ()


def without_fraction(value: int | float) -> int | float:
    """3 of something, not 3.0: as people write it, and as a model copies it from an example."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def from_annotation(annotation: object, constraints: Constraints, resolver: object) -> ValueType | None:
    if annotation is int:
        return integer_type(constraints)
    return decimal_type(constraints) if annotation is float else None


def integer_type(constraints: Constraints) -> NumberType:
    low, above = tightest_bound(constraints.ge, constraints.gt, max)
    high, below = tightest_bound(constraints.le, constraints.lt, min)
    # `gt=0.5` and `ge=0.5` both begin at 1, `gt=1` at 2.
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
    """The bound that binds, exactly as it was written, and whether it is excluded itself. An infinite one is none."""
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
    """Both bounds; one that was not given is the usual one, or as far again where the other lies beyond that."""
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
