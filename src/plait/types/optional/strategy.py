from typing import Annotated, Any, Literal

from hypothesis import strategies as st
from pydantic import Field

from plait.core.task.signature import Ref
from plait.core.values.value_type import strategy_of
from plait.types.optional.value import OptionalType

SAMPLES = (str | None, Annotated[int | None, Field(ge=0)], Ref[str] | None, Literal["a"] | list[int] | None)


def strategy(value_type: OptionalType) -> st.SearchStrategy[Any]:
    return st.none() | strategy_of(value_type.inner)
