from typing import Annotated

from hypothesis import strategies as st
from pydantic import Field

from plait.types.text.value import Text

# What a grammar can write: no control characters but line feed and tab, no lone surrogates.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")

SAMPLES = (str, Annotated[str, Field(min_length=2, max_length=5)])


def strategy(kind: Text) -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, min_size=kind.minimum, max_size=min(kind.maximum, kind.minimum + 40))
