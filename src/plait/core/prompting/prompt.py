"""The prompt of a task for a chat model: answer format, examples, then the question.

The parts that stay the same between calls come first, for the engine's prefix cache. A short input is placed in the
instruction itself; a longer one, a list or a record is placed above it under its name, so that the question comes last:
a small model answers what it read last (home_command: all fields correct in 0.38 instead of 0.25, benchmarks/shots.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from plait.core.errors import InputError, Problem
from plait.core.prompting.example_rows import Example
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration, Parameter
from plait.core.task.instruction import Instruction
from plait.core.values.call_context import CallContext, call_context
from plait.core.values.data_url import ImageContent
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.value_type import IMAGE, ValueType, iter_types, select_values

MAX_INLINE_LENGTH = 160  # characters, about one line of a letter; a longer input is placed above the instruction


@dataclass(frozen=True)
class Message:
    """One message of a conversation. `content` is text only: control tokens of a chat template in it stay text.

    `images` are placed before the text, in this order.
    """

    role: str
    content: str
    images: tuple[ImageContent, ...] = ()


@dataclass(frozen=True)
class Prompt:
    messages: tuple[Message, ...]

    def __str__(self) -> str:
        return "\n\n".join(f"[{message.role}]\n{message.content}" for message in self.messages)


def prompt(
    declaration: Declaration,
    inputs: Mapping[str, object],
    examples: tuple[Example, ...] = (),
    wording: str = "",
    box_format: str = "",
) -> Prompt:
    """The prompt of a call. `box_format` is the format in which the model writes boxes."""
    instruction = instruction_for(declaration, wording)
    messages = [Message("system", format_instruction(declaration, box_format))]
    for example in examples:
        messages += [
            user_message(declaration, instruction, example.inputs, box_format),
            Message("assistant", answer_text(declaration, example.inputs, example.answer, box_format)),
        ]
    return Prompt((*messages, user_message(declaration, instruction, inputs, box_format)))


def instruction_for(declaration: Declaration, wording: str) -> Instruction:
    """The instruction in the wording of that name. Raises InputError if the task has no such wording."""
    if wording in declaration.wordings:
        return declaration.wordings[wording][0]
    names = [name for name in declaration.wordings if name]
    message = f"is not a wording of {declaration.name}"
    hint = did_you_mean(wording, names, f"it has {', '.join(names)}" if names else "it has the docstring only")
    raise InputError(f"{wording!r} {message}", problems=(Problem("wording", message, repr(wording)),), hint=hint)


def format_instruction(declaration: Declaration, box_format: str = "") -> str:
    if declaration.is_plain_text:
        return "Answer with the result only."
    text = f"Answer with JSON only, in this form: {declaration.answer.describe()}"
    notes = [note for _, value_type in iter_types(declaration.answer) if (note := value_type.format_note(box_format))]
    return "\n".join((text, *dict.fromkeys(notes)))


def user_message(
    declaration: Declaration, instruction: Instruction, inputs: Mapping[str, object], box_format: str
) -> Message:
    images = input_images(declaration, inputs)
    context = replace(
        call_context(declaration, inputs, by_name=True, box_format=box_format),
        images=tuple(image for _, image in images),
    )
    contents = tuple(value_type.image_content(image) for value_type, image in images)
    return Message("user", user_text(declaration, instruction, inputs, context), contents)


def input_images(declaration: Declaration, inputs: Mapping[str, object]) -> list[tuple[ValueType, object]]:
    """The images anywhere in the inputs, in reading order, without duplicates."""
    images = [
        each
        for parameter in declaration.parameters
        for each in select_values(
            parameter.value_type, inputs[parameter.name], lambda value_type: value_type.media == IMAGE
        )
    ]
    return list({id(image): (value_type, image) for value_type, image in images}.values())


def user_text(
    declaration: Declaration, instruction: Instruction, inputs: Mapping[str, object], context: CallContext
) -> str:
    texts = {
        parameter.name: parameter.value_type.render(inputs[parameter.name], context)
        for parameter in declaration.parameters
    }
    above = [
        parameter.name for parameter in declaration.parameters if not fits_in_line(parameter, texts[parameter.name])
    ]
    text = instruction.format(lambda name: name if name in above else texts[name])
    return "\n\n".join((*(f"{name}:\n{texts[name] or '(none)'}" for name in above), text))


def fits_in_line(parameter: Parameter, text: str) -> bool:
    return parameter.value_type.is_inline and len(text) <= MAX_INLINE_LENGTH and "\n" not in text


def answer_text(declaration: Declaration, inputs: Mapping[str, object], answer: object, box_format: str = "") -> str:
    """The answer as an engine writes it: references by name, boxes in the engine's box format, text unquoted."""
    context = call_context(declaration, inputs, by_name=True, box_format=box_format)
    return json_to_text(declaration, declaration.answer.encode(answer, context))


def json_to_text(declaration: Declaration, json_value: Json) -> str:
    return json_value if declaration.is_plain_text and isinstance(json_value, str) else dumps(json_value)
