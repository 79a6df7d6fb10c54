"""Values for Hypothesis, and annotations as users write them.

plait.testing tries all the other files with these.
"""

from typing import Annotated

from hypothesis import strategies as st
from pydantic import Field

from new_kind.value import LARGEST, LETTERS, NewKind, NewKindKind

SAMPLES = (NewKind, Annotated[NewKind, Field(description="as it is printed on the label")])


def strategy(value_type: NewKindKind) -> st.SearchStrategy[NewKind]:
    return st.builds(NewKind, st.sampled_from(LETTERS), st.integers(1, LARGEST))
