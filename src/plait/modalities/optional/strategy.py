from typing import Any

from hypothesis import strategies as st

from plait.core.kinds import strategy_of
from plait.modalities.optional.value import Optional


def strategy(kind: Optional) -> st.SearchStrategy[Any]:
    return st.none() | strategy_of(kind.inner)
