from hypothesis import strategies as st

from plait.types.boolean.value import Boolean

SAMPLES = (bool,)


def strategy(kind: Boolean) -> st.SearchStrategy[bool]:
    return st.booleans()
