from hypothesis import strategies as st

from plait.modalities.text.value import Text

# What a grammar can write: no control characters but line feed and tab, no lone surrogates.
CHARACTERS = st.characters(exclude_categories=("Cs", "Cc"), include_characters="\n\t")


def strategy(kind: Text) -> st.SearchStrategy[str]:
    return st.text(CHARACTERS, min_size=kind.minimum, max_size=min(kind.maximum, kind.minimum + 40))
