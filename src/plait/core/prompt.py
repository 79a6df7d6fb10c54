"""A task in words for a model that chats: the form of the answer, examples, then the question.

What stays the same from call to call comes first, so that an engine's prefix cache holds it. A short input stands in
the instruction itself; a longer one, a list or a record follows below under its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from plait.core.declaration import Declaration, Slot
from plait.core.errors import InputError, Problem
from plait.core.examples import Example
from plait.core.instruction import Instruction
from plait.core.jsontext import dumps
from plait.core.kinds import Json, outline, written
from plait.core.nearest import did_you_mean
from plait.core.reading import beside_inputs

INLINE = 160  # characters: about one line of a letter; what is longer reads better below


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
    declaration: Declaration, inputs: Mapping[str, object], examples: tuple[Example, ...] = (), wording: str = ""
) -> Prompt:
    words = instruction_of(declaration, wording)
    messages = [Message("system", form(declaration))]
    for example in examples:
        messages += [
            Message("user", question(declaration, words, example.inputs)),
            Message("assistant", answer_text(declaration, example.inputs, example.answer)),
        ]
    return Prompt((*messages, Message("user", question(declaration, words, inputs))))


def instruction_of(declaration: Declaration, wording: str) -> Instruction:
    """The task's words of that name. Raises InputError where it has none."""
    if wording in declaration.wordings:
        return declaration.wordings[wording][0]
    known = [name for name in declaration.wordings if name]
    message = f"is not a wording of {declaration.name}"
    way_out = did_you_mean(wording, known, f"it has {', '.join(known)}" if known else "it has the docstring only")
    raise InputError(f"{wording!r} {message}", problems=(Problem("wording", message, repr(wording)),), way_out=way_out)


def form(declaration: Declaration) -> str:
    if declaration.bare:
        return "Answer with the result only."
    return f"Answer with JSON only, in this form: {outline(declaration.answer)}"


def question(declaration: Declaration, words: Instruction, inputs: Mapping[str, object]) -> str:
    texts = {slot.name: written(slot.kind, inputs[slot.name]) for slot in declaration.slots}
    below = [slot.name for slot in declaration.slots if not fits_in_line(slot, texts[slot.name])]
    asked = words.filled(lambda name: name if name in below else texts[name])
    return "\n\n".join((asked, *(f"{name}:\n{texts[name] or '(none)'}" for name in below)))


def fits_in_line(slot: Slot, text: str) -> bool:
    return slot.kind.name not in ("list", "record") and len(text) <= INLINE and "\n" not in text


def answer_text(declaration: Declaration, inputs: Mapping[str, object], answer: object) -> str:
    """The answer as an engine writes it: wire form with references by name, bare where it is a text."""
    return as_text(
        declaration, declaration.answer.encode(answer, beside_inputs(declaration.targets, inputs, named=True))
    )


def as_text(declaration: Declaration, wire: Json) -> str:
    return wire if declaration.bare and isinstance(wire, str) else dumps(wire)
