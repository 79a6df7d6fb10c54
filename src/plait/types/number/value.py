import math
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from plait.core.grammar.ast import DECIMALS, MAX_INTEGER, MAX_NUMBER
from plait.core.grammar.numbers import representable_bounds
from plait.core.task.signature import UnsupportedType
from plait.core.values.value_type import CallContext, Constraints, InvalidValue, Json, ValueType


@dataclass(frozen=True)
class Number(ValueType):
    """A number between exact bounds; `above` and `below` exclude them; `whole` numbers have them included.

    `bounded` tells which of the two the writer gave: the others bind a decoder only, what comes in may be larger.
    """

    whole: bool
    minimum: Decimal
    maximum: Decimal
    above: bool = False
    below: bool = False
    multiple_of: float | int | None = None
    description: str = ""
    bounded: tuple[bool, bool] = (False, False)

    def encode(self, value: object, beside: CallContext) -> Json:
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise InvalidValue("should be a number", repr(value))
        return plain(value)

    def decode(self, wire: Json, beside: CallContext) -> object:
        if isinstance(wire, bool) or not isinstance(wire, int | float):
            raise InvalidValue("should be a whole number" if self.whole else "should be a number", wire)
        if isinstance(wire, float) and not math.isfinite(wire):
            raise InvalidValue("should be a finite number", wire)
        if self.whole and not isinstance(wire, int):
            raise InvalidValue("should be a whole number", wire)
        try:
            return wire if self.whole else float(wire)
        except OverflowError:
            raise InvalidValue("is larger than any float", wire) from None

    def beyond_grammar(self) -> tuple[str, ...]:
        return (f"is a multiple of {self.multiple_of}",) if self.multiple_of is not None else ()


def plain(value: int | float) -> int | float:
    """3 of something, not 3.0: as people write it, and as a model copies it from an example."""
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


def reads(annotation: object, facts: Constraints, reader: object) -> ValueType | None:
    if annotation is int:
        return whole(facts)
    return decimal(facts) if annotation is float else None


def whole(facts: Constraints) -> Number:
    low, above = binding(facts.ge, facts.gt, max)
    high, below = binding(facts.le, facts.lt, min)
    # `gt=0.5` and `ge=0.5` both begin at 1, `gt=1` at 2.
    least = None if low is None else math.floor(low) + 1 if above else math.ceil(low)
    most = None if high is None else math.ceil(high) - 1 if below else math.floor(high)
    minimum, maximum = room(least, most, Decimal(MAX_INTEGER))
    refuse_nothing(facts, minimum > maximum, "whole number")
    given = (low is not None, high is not None)
    return Number(True, minimum, maximum, False, False, facts.multiple_of, facts.description, given)


def decimal(facts: Constraints) -> Number:
    low, above = binding(facts.ge, facts.gt, max)
    high, below = binding(facts.le, facts.lt, min)
    minimum, maximum = room(low, high, MAX_NUMBER)
    lowest, highest = representable_bounds(minimum, maximum, above, below)
    refuse_nothing(facts, lowest > highest, f"number with at most {DECIMALS} decimals")
    given = (low is not None, high is not None)
    return Number(False, minimum, maximum, above, below, facts.multiple_of, facts.description, given)


def binding(
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


def room(low: Decimal | int | None, high: Decimal | int | None, usual: Decimal) -> tuple[Decimal, Decimal]:
    """Both bounds; one that was not given is the usual one, or as far again where the other lies beyond that."""
    if low is None:
        low = -usual if high is None or high >= -usual else high - usual
    if high is None:
        high = usual if low <= usual else low + usual
    return Decimal(low), Decimal(high)


def refuse_nothing(facts: Constraints, nothing: bool, what: str) -> None:
    if nothing:
        said = (f"{name}={bound}" for name in ("ge", "gt", "le", "lt") if (bound := getattr(facts, name)) is not None)
        raise UnsupportedType(f"no {what} fits {', '.join(said)}", "widen the bounds")
