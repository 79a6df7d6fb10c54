from enum import Enum, IntEnum
from typing import Literal

from hypothesis import strategies as st

from plait.types.label.value import EnumerationType


class Color(Enum):
    RED = "red"
    GREEN = "green"


class Level(IntEnum):
    LOW = 1
    HIGH = 2


SAMPLES = (Literal["billing", 'a "quoted" one', "其他"], Literal[1, True, "1"], Color, Level)


def strategy(value_type: EnumerationType) -> st.SearchStrategy[object]:
    return st.sampled_from(value_type.members)
