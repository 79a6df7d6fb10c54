from typing import Annotated, Any

from hypothesis import strategies as st
from pydantic import BaseModel

from plait.core.task.signature import Ref
from plait.types.ref.value import ReferenceType


class Lamp(BaseModel):
    name: str


# What stands beside everything that `plait.testing` draws: texts, two of which are equal because duplicates are
# legal, and objects with names of their own.
ELEMENTS: dict[tuple[str, ...], object] = {("passages",): str, ("house", "lamps"): Lamp}
CANDIDATES: dict[tuple[str, ...], tuple[object, ...]] = {
    ("passages",): ("a lamp", "a curtain", "a lamp"),
    ("house", "lamps"): (Lamp(name="hall"), Lamp(name='the "red" one'), Lamp(name="卧室")),
}
SAMPLES = (Ref[str], Ref[Lamp], Annotated[Ref[Lamp], "house.lamps"])


def strategy(value_type: ReferenceType) -> st.SearchStrategy[Ref[Any]]:
    candidates = CANDIDATES[value_type.path]
    return st.integers(0, len(candidates) - 1).map(lambda index: Ref(candidates[index], index))
