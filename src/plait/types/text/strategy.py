from typing import Annotated

from hypothesis import strategies as st
from pydantic import Field

from plait.types.text.value import TextType

# What a grammar can write: no control characters but line feed and tab, no lone surrogates.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")

SAMPLES = (str, Annotated[str, Field(min_length=2, max_length=5)])


def strategy(value_type: TextType) -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, min_size=value_type.minimum, max_size=min(value_type.maximum, value_type.minimum + 40))
