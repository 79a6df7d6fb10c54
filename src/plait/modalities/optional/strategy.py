from typing import Annotated, Any, Literal

from hypothesis import strategies as st
from pydantic import Field

from plait.core.kinds import strategy_of
from plait.core.reading import Ref
from plait.modalities.optional.value import Optional

SAMPLES = (str | None, Annotated[int | None, Field(ge=0)], Ref[str] | None, Literal["a"] | list[int] | None)


def strategy(kind: Optional) -> st.SearchStrategy[Any]:
    return st.none() | strategy_of(kind.inner)
