"""Corrections: an answer with the right values becomes an example at once, seen by the author who corrected it.

A second correction of an answer replaces the first one. A correction is on disk when it is confirmed.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from plait.core.calls import event_loop
from plait.core.calls.answer_changes import changed_answer
from plait.core.calls.answer_log import RecordedAnswer, answer_not_found
from plait.core.calls.transport import transport
from plait.core.prompting.example_rows import Example
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration

if TYPE_CHECKING:
    from plait.core.calls.transport import Transport


@dataclass(frozen=True)
class Correction:
    """A corrected answer: its `id`, and the `example` that prompts show from now on."""

    id: str
    example: Example
    declaration: Declaration = field(repr=False)
    transport: "Transport" = field(repr=False)

    def undo(self) -> bool:
        """Takes the correction back; whether it was still there."""
        return event_loop.run(self.transport.undo_correction(self.declaration, self.id))


def correct(declaration: Declaration, id: str, changes: Mapping[str, Any]) -> Correction:
    """Corrects an answer of the task, where it was given. Raises AnswerNotFound, InputError."""
    if not str(id).startswith(f"{declaration.fingerprint}-"):
        raise answer_not_found(id, declaration.name)
    current = transport()
    example = event_loop.run(current.correct(declaration, id, changes))
    return Correction(id, example, declaration, current)


def store_correction(answer: RecordedAnswer, changes: Mapping[str, object]) -> Example:
    """Adds the answer with the changes, none if it is right, as an example of its author. Raises InputError."""
    inputs = answer.inputs
    value, _ = changed_answer(answer.declaration, inputs, answer.completed.json_value, changes)
    example = Example(inputs, value, answer.id, is_right=not changes)
    store = Examples(answer.declaration, answer.author).store
    former = list(corrections_of(answer.declaration, answer.id, answer.author))
    store.add(example, "author")
    for each in former:
        store.remove(each)
    return example


def remove_correction(declaration: Declaration, id: str, author: str) -> bool:
    """Takes the author's correction of an answer back; whether there was one."""
    store = Examples(declaration, author).store
    return any([store.remove(example) for example in list(corrections_of(declaration, id, author))])


def corrections_of(declaration: Declaration, id: str, author: str) -> Iterator[Example]:
    """The examples that correct this answer: one, or a second one of an interrupted correction."""
    return (example for example in Examples(declaration, author).store if example.correction == id)
