import math
from decimal import Decimal
from typing import Annotated

from hypothesis import strategies as st
from pydantic import Field

from plait.core.grammar.numbers import STEP, representable_bounds
from plait.types.number.value import NumberType

NEAR = 10**8  # steps from zero: numbers as people write them, drawn as often as all others

SAMPLES = (
    int,
    float,
    Annotated[int, Field(ge=0, le=100)],
    Annotated[int, Field(gt=-17, lt=1009)],
    Annotated[int, Field(ge=10**16)],
    Annotated[int, Field(le=-5, multiple_of=5)],
    Annotated[float, Field(gt=0)],
    Annotated[float, Field(ge=-0.25, lt=1.5)],
    Annotated[float, Field(gt=-3.000001, le=-0.0000001)],
    Annotated[float, Field(ge=1e20)],
)


def strategy(value_type: NumberType) -> st.SearchStrategy[int | float]:
    """Numbers as a grammar writes them: decimals with at most DECIMALS places."""
    step = (
        Decimal(str(value_type.multiple_of))
        if value_type.multiple_of is not None
        else Decimal(1)
        if value_type.is_integer
        else STEP
    )
    low, high = representable_bounds(
        value_type.minimum, value_type.maximum, value_type.excludes_minimum, value_type.excludes_maximum
    )
    first, last = math.ceil(low / step), math.floor(high / step)
    steps = st.integers(first, last) | st.integers(max(first, min(-NEAR, last)), min(last, max(NEAR, first)))
    if value_type.is_integer:
        return steps.map(lambda count: int(count * step))
    return steps.map(lambda count: float(count * step)).filter(lambda value: low <= Decimal(repr(value)) <= high)
