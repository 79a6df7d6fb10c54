from typing import Any

from hypothesis import strategies as st

from plait.core.kinds import strategy_of
from plait.modalities.list.value import List


def strategy(kind: List) -> st.SearchStrategy[list[Any]]:
    few = min(kind.maximum, kind.minimum + 4)
    return st.lists(strategy_of(kind.item), min_size=kind.minimum, max_size=few)
