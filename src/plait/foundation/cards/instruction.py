"""A task's words as ids: what the unified model reads.

The wording is the task's own; where a picture stands in it, one id says so; a box is four locations, left, top, right,
bottom; every other value is read as a chat model reads it, in words.
"""

from collections.abc import Callable, Iterable, Mapping
from functools import cache
from typing import TypeVar

from plait.core.prompting.han import HAN
from plait.core.prompting.prompt import instruction_for
from plait.core.task.declaration import Declaration
from plait.core.task.instruction import Instruction, Placeholder
from plait.core.values.call_context import CallContext
from plait.core.values.value_type import IMAGE, ValueType, select_values
from plait.foundation.cards.vocabulary import Vocabulary
from plait.tasks.draw import draw

T = TypeVar("T")
Ids = tuple[int, ...]
CONTEXT_LENGTH = 512  # ids of an instruction that are read: five times the longest that is trained on
BOX_FORMAT = "bins"  # how the unified model reads and writes boxes (types/box/frames.py)


def instruction_ids(
    declaration: Declaration, inputs: Mapping[str, object], context: CallContext, wording: str, vocabulary: Vocabulary
) -> list[int]:
    """`context` has the box format BOX_FORMAT. Raises InputError where the task has no such wording."""
    return [id for id, _ in ids_by_parameter(declaration, inputs, context, wording, vocabulary)]


def ids_by_parameter(
    declaration: Declaration, inputs: Mapping[str, object], context: CallContext, wording: str, vocabulary: Vocabulary
) -> list[tuple[int, str]]:
    """Each id with the name of the parameter that it belongs to; "" for the wording's own."""
    value_types = {name.name: name.value_type for name in declaration.parameters}

    def ids_of(parameter: str) -> list[int]:
        value_type, value = value_types[parameter], inputs[parameter]
        if value_type.media == IMAGE:
            return [vocabulary.picture]
        if value_type.needs_image:
            return [vocabulary.bins.start + number for number in value_type.encode(value, context)]  # type: ignore[union-attr]
        return vocabulary.encode_lowercased(value_type.render(value, context))

    return interleave(
        instruction_for(declaration, wording),
        lambda name: [(id, name) for id in ids_of(name)],
        lambda text: [(id, "") for id in text],
        vocabulary,
    )


def unconditional_instruction_ids(vocabulary: Vocabulary) -> Ids:
    """The ids of an instruction to draw nothing in particular, which guidance moves away from."""
    wording = draw.declaration.wordings[""][0]
    return tuple(interleave(wording, lambda name: list[int](), list, vocabulary))


def wording_of(declaration: Declaration, texts: Iterable[str]) -> str:
    """The wording in the language of what is said: the Chinese one where there is one and a text has Han characters."""
    return "zh" if "zh" in declaration.wordings and any(HAN.search(text) for text in texts) else ""


def texts(value_type: ValueType, value: object) -> list[str]:
    """All texts in a value."""
    return [str(text) for _, text in select_values(value_type, value, lambda inner: inner.is_text)]


def interleave(
    instruction: Instruction,
    encode_parameter: Callable[[str], list[T]],
    encode_text: Callable[[Ids], list[T]],
    vocabulary: Vocabulary,
) -> list[T]:
    """The wording's ids and those of its parameters, in its order, by `encode_text` and `encode_parameter`."""
    items: list[T] = []
    for part in instruction_parts(instruction, vocabulary):
        items += encode_parameter(part) if isinstance(part, str) else encode_text(part)
    return items


@cache
def instruction_parts(instruction: Instruction, vocabulary: Vocabulary) -> tuple[str | Ids, ...]:
    """The wording's own ids, and the names of the parameters between them. A space before one belongs to it."""
    return tuple(
        part.parameter
        if isinstance(part, Placeholder)
        else tuple(vocabulary.encode_lowercased(part.rstrip(" "), is_continuation=index > 0))
        for index, part in enumerate(instruction.parts)
    )
