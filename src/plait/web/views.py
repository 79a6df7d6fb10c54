"""What a page is told: who looks, and how far a question has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from plait.core.calls.transport import TaskCard
from plait.core.engine.validation import Answered
from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.core.values.forms import Fields
from plait.core.values.value_type import Json

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class Look:
    """Who looks, from where. `model` is what answers here, by name; `origin` the address that snippets call."""

    language: Language = "en"
    model: str = ""
    state: Literal["ready", "starting", "none"] = "ready"
    path: str = "/"
    origin: str = "http://127.0.0.1:8800"


@dataclass(frozen=True)
class Listed:
    """A task among the others: `by` is who answers it here, `refused` why nobody can; `own` is of the served file."""

    card: TaskCard
    by: str = ""
    refused: str = ""
    own: bool = False


@dataclass(frozen=True)
class ChatModel:
    """A model to talk with; `sees` tells that it takes pictures."""

    name: str
    sees: bool = False


@dataclass(frozen=True)
class TaskView:
    """A task, what was asked of it, and what came back.

    `sent` is the form as it was sent, so that a refused one comes back as typed; `inputs` the same in wire form, where
    it could be read, or those of an example. Nothing of either is an empty form. `so_far` counts while `growing`.
    `sizes` are those of the pictures among the inputs, by where they stand; `refused` is why nobody here can answer.
    """

    declaration: Declaration
    sent: Fields | None = None
    inputs: Mapping[str, Json] | None = None
    growing: bool = False
    so_far: Json = None
    answered: Answered | None = None
    error: PlaitError | None = None
    examples: int = 0
    example: int | None = None
    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    refused: str = ""

    @property
    def state(self) -> Literal["empty", "growing", "answered", "failed"]:
        if self.error is not None:
            return "failed"
        if self.answered is not None:
            return "answered"
        return "growing" if self.growing else "empty"

    @property
    def next_example(self) -> int:
        return 0 if self.example is None else (self.example + 1) % max(self.examples, 1)
