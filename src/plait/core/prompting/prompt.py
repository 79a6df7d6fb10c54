"""A task in words for a model that chats: the form of the answer, examples, then the question.

What stays the same from call to call comes first, so that an engine's prefix cache holds it. A short input stands in
the instruction itself; a longer one, a list or a record stands above under its name, so that what is asked comes last:
a small model answers what it read last (home_command: 0.38 right in all instead of 0.25, benchmarks/shots.py).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from plait.core.errors import InputError, Problem
from plait.core.prompting.examples import Example
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration, Slot
from plait.core.task.instruction import Instruction
from plait.core.task.signature import beside_inputs
from plait.core.values.json_text import dumps
from plait.core.values.value_type import Beside, Json, Kind, held, inside, outline, part, written

INLINE = 160  # characters: about one line of a letter; what is longer reads better by itself


@dataclass(frozen=True)
class Picture:
    """A picture as it is sent to a model: encoded, with the media type that says how."""

    media_type: str
    content: bytes


@dataclass(frozen=True)
class Message:
    """What one side said. `content` is text only: a chat template's control tokens in it stay text.

    `pictures` were shown with it, before the text, in this order.
    """

    role: str
    content: str
    pictures: tuple[Picture, ...] = ()


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
    frame: str = "",
) -> Prompt:
    """`frame` is how the model that reads it writes boxes."""
    words = instruction_of(declaration, wording)
    messages = [Message("system", form(declaration, frame))]
    for example in examples:
        messages += [
            question(declaration, words, example.inputs, frame),
            Message("assistant", answer_text(declaration, example.inputs, example.answer, frame)),
        ]
    return Prompt((*messages, question(declaration, words, inputs, frame)))


def instruction_of(declaration: Declaration, wording: str) -> Instruction:
    """The task's words of that name. Raises InputError where it has none."""
    if wording in declaration.wordings:
        return declaration.wordings[wording][0]
    known = [name for name in declaration.wordings if name]
    message = f"is not a wording of {declaration.name}"
    way_out = did_you_mean(wording, known, f"it has {', '.join(known)}" if known else "it has the docstring only")
    raise InputError(f"{wording!r} {message}", problems=(Problem("wording", message, repr(wording)),), way_out=way_out)


def form(declaration: Declaration, frame: str = "") -> str:
    if declaration.bare:
        return "Answer with the result only."
    told = f"Answer with JSON only, in this form: {outline(declaration.answer)}"
    boxes = next((kind for _, kind in inside(declaration.answer) if kind.name == "box"), None)
    return f"{told}\n{part(boxes.modality, 'prompt.framed')(boxes, frame)}" if boxes else told


def question(declaration: Declaration, words: Instruction, inputs: Mapping[str, object], frame: str) -> Message:
    shown = pictures_in(declaration, inputs)
    beside = replace(
        beside_inputs(declaration.targets, inputs, named=True, frame=frame), pictures=tuple(each for _, each in shown)
    )
    pictures = tuple(part(kind.modality, "prompt.picture")(kind, each) for kind, each in shown)
    return Message("user", asked(declaration, words, inputs, beside), pictures)


def pictures_in(declaration: Declaration, inputs: Mapping[str, object]) -> list[tuple[Kind, object]]:
    """The pictures of the inputs, wherever in them, in reading order; the same one twice is shown once."""
    found = [each for slot in declaration.slots for each in held("image", slot.kind, inputs[slot.name])]
    return list({id(picture): (kind, picture) for kind, picture in found}.values())


def asked(declaration: Declaration, words: Instruction, inputs: Mapping[str, object], beside: Beside) -> str:
    texts = {slot.name: written(slot.kind, inputs[slot.name], beside) for slot in declaration.slots}
    above = [slot.name for slot in declaration.slots if not fits_in_line(slot, texts[slot.name])]
    said = words.filled(lambda name: name if name in above else texts[name])
    return "\n\n".join((*(f"{name}:\n{texts[name] or '(none)'}" for name in above), said))


def fits_in_line(slot: Slot, text: str) -> bool:
    return slot.kind.name not in ("list", "record") and len(text) <= INLINE and "\n" not in text


def answer_text(declaration: Declaration, inputs: Mapping[str, object], answer: object, frame: str = "") -> str:
    """The answer as an engine writes it: references by name, boxes in its frame, bare where it is a text."""
    beside = beside_inputs(declaration.targets, inputs, named=True, frame=frame)
    return as_text(declaration, declaration.answer.encode(answer, beside))


def as_text(declaration: Declaration, wire: Json) -> str:
    return wire if declaration.bare and isinstance(wire, str) else dumps(wire)
