"""A task's words as ids: what the unified model reads.

The wording is the task's own; where a picture stands in it, one id says so; a box is four locations, left, top, right,
bottom; every other value is read as a chat model reads it, in words.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TypeVar

from plait.core.prompting.han import HAN
from plait.core.prompting.prompt import instruction_of
from plait.core.task.declaration import Declaration
from plait.core.task.instruction import Instruction, Place
from plait.core.values.value_type import Beside, Kind, held, written
from plait.foundation.cards.vocabulary import Vocabulary
from plait.tasks.draw import draw

T = TypeVar("T")
Ids = tuple[int, ...]
CONTEXT = 512  # ids of an instruction that are read: five times the longest that is trained on
FRAME = "bins"  # how the unified model reads and writes boxes (types/box/frames.py)


def instruction_ids(
    declaration: Declaration, inputs: Mapping[str, object], beside: Beside, wording: str, vocabulary: Vocabulary
) -> list[int]:
    """`beside` has the frame FRAME. Raises InputError where the task has no such wording."""
    return [id for id, _ in ids_by_slot(declaration, inputs, beside, wording, vocabulary)]


def ids_by_slot(
    declaration: Declaration, inputs: Mapping[str, object], beside: Beside, wording: str, vocabulary: Vocabulary
) -> list[tuple[int, str]]:
    """Each id with the name of the slot that it is of, the wording's own with none."""
    kinds = {slot.name: slot.kind for slot in declaration.slots}

    def ids_of(slot: str) -> list[int]:
        kind, value = kinds[slot], inputs[slot]
        if kind.name == "image":
            return [vocabulary.picture]
        if kind.name == "box":
            return [vocabulary.bins.start + number for number in kind.encode(value, beside)]  # type: ignore[union-attr]
        return vocabulary.read(written(kind, value, beside))

    return placed(
        instruction_of(declaration, wording),
        lambda slot: [(id, slot) for id in ids_of(slot)],
        lambda words: [(id, "") for id in words],
        vocabulary,
    )


def nothing_to_draw(vocabulary: Vocabulary) -> Ids:
    """The ids of an instruction to draw nothing in particular, which guidance moves away from."""
    wording = draw.declaration.wordings[""][0]
    return tuple(placed(wording, lambda slot: list[int](), list, vocabulary))


def wording_of(declaration: Declaration, texts: Iterable[str]) -> str:
    """The wording in the language of what is said: the Chinese one where there is one and a text has Han characters."""
    return "zh" if "zh" in declaration.wordings and any(HAN.search(text) for text in texts) else ""


def texts(kind: Kind, value: object) -> list[str]:
    """All texts in a value."""
    return [str(text) for _, text in held("text", kind, value)]


def placed(
    words: Instruction, of_slot: Callable[[str], list[T]], of_words: Callable[[Ids], list[T]], vocabulary: Vocabulary
) -> list[T]:
    """The wording's ids and those of its slots, in its order, each as `of_words` and `of_slot` make it."""
    placed: list[T] = []
    for part in parts(words, vocabulary):
        placed += of_slot(part) if isinstance(part, str) else of_words(part)
    return placed


@cache
def parts(words: Instruction, vocabulary: Vocabulary) -> tuple[str | Ids, ...]:
    """The wording's own ids, and the names of the slots between them. A blank before a slot is the slot's own."""
    return tuple(
        part.slot if isinstance(part, Place) else tuple(vocabulary.read(part.rstrip(" "), inner=place > 0))
        for place, part in enumerate(words.parts)
    )
