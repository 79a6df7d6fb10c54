"""Values for Hypothesis, and annotations as users write them.

plait.testing checks all the other files with these.
"""

from typing import Annotated

from hypothesis import strategies as st
from pydantic import Field

from new_value.value import LARGEST, LETTERS, NewValue, NewValueType

SAMPLES = (NewValue, Annotated[NewValue, Field(description="as it is printed on the label")])


def strategy(value_type: NewValueType) -> st.SearchStrategy[NewValue]:
    return st.builds(NewValue, st.sampled_from(LETTERS), st.integers(1, LARGEST))
