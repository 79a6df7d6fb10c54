from typing import Any

from hypothesis import strategies as st

from plait.core.kinds import strategy_of
from plait.modalities.union.value import Union_


def strategy(kind: Union_) -> st.SearchStrategy[Any]:
    return st.one_of([strategy_of(option) for _, option in kind.options])
