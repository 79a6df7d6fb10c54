from hypothesis import strategies as st

from plait.core.reading import Ref
from plait.modalities.ref.value import Reference

# What stands beside every generated answer: two of the three are equal, because duplicates are legal.
CANDIDATES: tuple[object, ...] = ("a lamp", "a curtain", "a lamp")


def strategy(kind: Reference) -> st.SearchStrategy[Ref[object]]:
    return st.integers(0, len(CANDIDATES) - 1).map(lambda index: Ref(CANDIDATES[index], index))
