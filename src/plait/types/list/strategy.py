from typing import Annotated, Any

from hypothesis import strategies as st
from pydantic import Field

from plait.core.values.value_type import strategy_of
from plait.types.list.value import ListType

SAMPLES = (
    list[str],
    list[list[bool]],
    Annotated[list[Annotated[float, Field(gt=0)]], Field(min_length=1, max_length=3)],
)


def strategy(value_type: ListType) -> st.SearchStrategy[list[Any]]:
    few = min(value_type.maximum, value_type.minimum + 4)
    return st.lists(strategy_of(value_type.item), min_size=value_type.minimum, max_size=few)
