from hypothesis import strategies as st

from plait.types.boolean.value import BooleanType

SAMPLES = (bool,)


def strategy(value_type: BooleanType) -> st.SearchStrategy[bool]:
    return st.booleans()
