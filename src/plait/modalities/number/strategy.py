from decimal import Decimal

from hypothesis import strategies as st

from plait.core.grammar import DECIMALS
from plait.modalities.number.value import Number

STEP = Decimal(1).scaleb(-DECIMALS)


def strategy(kind: Number) -> st.SearchStrategy[int | float]:
    """Numbers as a grammar writes them: decimals with at most DECIMALS places."""
    if kind.whole:
        return st.integers(int(kind.minimum), int(kind.maximum))
    low, high = kind.minimum + kind.above * STEP, kind.maximum - kind.below * STEP
    near = st.decimals(max(low, Decimal(-10_000)), min(high, Decimal(10_000)), places=DECIMALS)
    return near.map(float).filter(lambda value: low <= Decimal(repr(value)) <= high)
