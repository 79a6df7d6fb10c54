from typing import Annotated

from hypothesis import strategies as st

from plait.types.box.value import Box, BoxKind

SAMPLES = (Box, Annotated[Box, "picture"])
SIDE = 16  # pixels that every picture drawn has at least (plait.types.image.strategy)


def strategy(kind: BoxKind) -> st.SearchStrategy[Box]:
    return st.builds(between, *[st.integers(0, SIDE - 1)] * 2, *[st.integers(1, SIDE)] * 2)


def between(left: int, top: int, width: int, height: int) -> Box:
    return Box(left, top, min(SIDE, left + width), min(SIDE, top + height))
