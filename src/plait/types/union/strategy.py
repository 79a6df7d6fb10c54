from datetime import date
from typing import Any, Literal

from hypothesis import strategies as st
from pydantic import BaseModel, Field

from plait.core.task.signature import Ref
from plait.core.values.value_type import strategy_of
from plait.types.ref.strategy import Lamp
from plait.types.union.value import UnionType


class Switch(BaseModel):
    lamp: Ref[Lamp]
    on: bool


class Dim(BaseModel):
    lamp: Ref[Lamp]
    percent: int = Field(ge=0, le=100)


class Nothing(BaseModel):
    pass


SAMPLES = (Switch | Dim | Nothing, int | str, bool | int | float, Ref[str] | Nothing, Literal["a"] | list[date])


def strategy(value_type: UnionType) -> st.SearchStrategy[Any]:
    return st.one_of([strategy_of(option) for _, option in value_type.options])
