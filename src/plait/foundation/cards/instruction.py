"""Token ids of a task's instruction, as the unified model reads it.

The wording is the task's own. An image is one placeholder id; a box is four location ids (left, top, right, bottom);
every other value is text, as for a chat model.
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
CONTEXT_LENGTH = 512  # ids of an instruction that are read: five times the longest one in training
BOX_FORMAT = "bins"  # box format that the unified model reads and writes (types/box/box_formats.py)


def instruction_ids(
    declaration: Declaration, inputs: Mapping[str, object], context: CallContext, wording: str, vocabulary: Vocabulary
) -> list[int]:
    """Ids of the instruction for these inputs.

    `context` has the box format BOX_FORMAT. Raises InputError if the task has no such wording.
    """
    return [id for id, _ in ids_by_parameter(declaration, inputs, context, wording, vocabulary)]


def ids_by_parameter(
    declaration: Declaration, inputs: Mapping[str, object], context: CallContext, wording: str, vocabulary: Vocabulary
) -> list[tuple[int, str]]:
    """Pairs of an id and the parameter it belongs to; "" for ids of the wording itself."""
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
    """Ids of an instruction without a description: the unconditional input of guidance."""
    wording = draw.declaration.wordings[""][0]
    return tuple(interleave(wording, lambda name: list[int](), list, vocabulary))


def wording_of(declaration: Declaration, texts: Iterable[str]) -> str:
    """Wording in the language of the inputs: Chinese if the task has one and a text has Han characters."""
    return "zh" if "zh" in declaration.wordings and any(HAN.search(text) for text in texts) else ""


def texts(value_type: ValueType, value: object) -> list[str]:
    """All texts in a value, also those inside lists and records."""
    return [str(text) for _, text in select_values(value_type, value, lambda inner: inner.is_text)]


def interleave(
    instruction: Instruction,
    encode_parameter: Callable[[str], list[T]],
    encode_text: Callable[[Ids], list[T]],
    vocabulary: Vocabulary,
) -> list[T]:
    """Ids of the wording and its parameters, in the order of the wording.

    `encode_text` encodes the wording's own ids, `encode_parameter` a parameter by name.
    """
    items: list[T] = []
    for part in instruction_parts(instruction, vocabulary):
        items += encode_parameter(part) if isinstance(part, str) else encode_text(part)
    return items


@cache
def instruction_parts(instruction: Instruction, vocabulary: Vocabulary) -> tuple[str | Ids, ...]:
    """Ids of the wording and, between them, parameter names. A space before a parameter belongs to the parameter."""
    return tuple(
        part.parameter
        if isinstance(part, Placeholder)
        else tuple(vocabulary.encode_lowercased(part.rstrip(" "), is_continuation=index > 0))
        for index, part in enumerate(instruction.parts)
    )
