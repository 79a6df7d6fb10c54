import math
from dataclasses import dataclass
from decimal import Decimal

from plait.core.grammar import NUMBER, WHOLE
from plait.core.kinds import Beside, Facts, Json, Kind, WireError


@dataclass(frozen=True)
class Number(Kind):
    """A number between exact bounds; `above` and `below` exclude them; `whole` numbers have them included."""

    whole: bool
    minimum: Decimal
    maximum: Decimal
    above: bool = False
    below: bool = False
    multiple_of: float | int | None = None
    description: str = ""

    def encode(self, value: object, beside: Beside) -> Json:
        assert isinstance(value, int | float)
        return value

    def decode(self, wire: Json, beside: Beside) -> object:
        if isinstance(wire, bool) or not isinstance(wire, int | float):
            raise WireError("should be a whole number" if self.whole else "should be a number", wire)
        if isinstance(wire, float) and not math.isfinite(wire):
            raise WireError("should be a finite number", wire)
        if self.whole and not isinstance(wire, int):
            raise WireError("should be a whole number", wire)
        try:
            return wire if self.whole else float(wire)
        except OverflowError:
            raise WireError("is larger than any float", wire) from None

    def beyond_grammar(self) -> tuple[str, ...]:
        return (f"is a multiple of {self.multiple_of}",) if self.multiple_of is not None else ()


def reads(annotation: object, facts: Facts, reader: object) -> Kind | None:
    if annotation is int:
        return whole(facts)
    return decimal(facts) if annotation is float else None


def whole(facts: Facts) -> Number:
    low = math.ceil(facts.ge) if facts.ge is not None else -WHOLE
    high = math.floor(facts.le) if facts.le is not None else WHOLE
    if facts.gt is not None:
        low = max(low, math.floor(facts.gt) + 1)
    if facts.lt is not None:
        high = min(high, math.ceil(facts.lt) - 1)
    return Number(True, Decimal(low), Decimal(high), multiple_of=facts.multiple_of, description=facts.description)


def decimal(facts: Facts) -> Number:
    low, above = tightest((facts.ge, False), (facts.gt, True), -NUMBER, max)
    high, below = tightest((facts.le, False), (facts.lt, True), NUMBER, min)
    return Number(False, low, high, above, below, facts.multiple_of, facts.description)


def tightest(
    including: tuple[float | int | None, bool],
    excluding: tuple[float | int | None, bool],
    otherwise: Decimal,
    tighter: type | object,
) -> tuple[Decimal, bool]:
    """The bound that binds, exactly as it was written, and whether it is excluded itself."""
    given = [(Decimal(str(bound)), excluded) for bound, excluded in (including, excluding) if bound is not None]
    if not given:
        return otherwise, False
    bound = max(given)[0] if tighter is max else min(given)[0]
    return bound, any(excluded for each, excluded in given if each == bound)
