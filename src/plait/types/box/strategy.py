from typing import Annotated

from hypothesis import strategies as st

from plait.types.box.value import Box, BoxType

SAMPLES = (Box, Annotated[Box, "picture"])
SIDE = 16  # pixels that every picture drawn has at least (plait.types.image.strategy)


def strategy(value_type: BoxType) -> st.SearchStrategy[Box]:
    return st.builds(box_within, *[st.integers(0, SIDE - 1)] * 2, *[st.integers(1, SIDE)] * 2)


def box_within(left: int, top: int, width: int, height: int) -> Box:
    return Box(left, top, min(SIDE, left + width), min(SIDE, top + height))
