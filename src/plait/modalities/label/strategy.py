from hypothesis import strategies as st

from plait.modalities.label.value import Label


def strategy(kind: Label) -> st.SearchStrategy[object]:
    return st.sampled_from(kind.members)
