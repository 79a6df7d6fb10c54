from enum import Enum, IntEnum
from typing import Literal

from hypothesis import strategies as st

from plait.types.label.value import Label


class Color(Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


SAMPLES = (Literal["billing", 'a "quoted" one', "其他"], Literal[1, True, "1"], Color, Level)


def strategy(kind: Label) -> st.SearchStrategy[object]:
    return st.sampled_from(kind.members)
