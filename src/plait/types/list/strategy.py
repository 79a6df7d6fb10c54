from typing import Annotated, Any

from hypothesis import strategies as st
from pydantic import Field

from plait.core.values.value_type import strategy_of
from plait.types.list.value import List

SAMPLES = (
    list[str],
    list[list[bool]],
    Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1, max_length=3)],
)


def strategy(kind: List) -> st.SearchStrategy[list[Any]]:
    few = min(kind.maximum, kind.minimum + 4)
    return st.lists(strategy_of(kind.item), min_size=kind.minimum, max_size=few)
