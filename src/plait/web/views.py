"""What a page is told: who looks, and how far a question has come."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from plait.core.calls.transport import TaskSummary
from plait.core.engine.validation import Completed
from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.core.values.forms import FormFields
from plait.core.values.json_value import Json

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class PageContext:
    """Who looks, from where. `model` is what answers here, by name; `origin` the address that snippets call."""

    language: Language = "en"
    model: str = ""
    state: Literal["ready", "starting", "none"] = "ready"
    path: str = "/"
    origin: str = "http://127.0.0.1:8800"


@dataclass(frozen=True)
class TaskListing:
    """A task among the others: `answered_by` which model here; `is_own` tells that it is one of the served file."""

    card: TaskSummary
    answered_by: str = ""
    unavailable_reason: str = ""
    is_own: bool = False


@dataclass(frozen=True)
class ChatModelOption:
    """A model to talk with."""

    name: str
    accepts_images: bool = False


@dataclass(frozen=True)
class TaskView:
    """A task, what was asked of it, and what came back.

    `submitted` is the form as it was sent, so that a refused one comes back as typed; `inputs` the same in JSON form,
    where it could be read, or those of an example. Neither is an empty form. `partial` counts while `is_streaming`.
    `image_sizes` are the sizes of the input pictures by path; `unavailable_reason` is why no model here can answer.
    """

    declaration: Declaration
    submitted: FormFields | None = None
    inputs: Mapping[str, Json] | None = None
    is_streaming: bool = False
    partial: Json = None
    completed: Completed | None = None
    error: PlaitError | None = None
    example_count: int = 0
    example_index: int | None = None
    image_sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict[str, tuple[int, int]])
    unavailable_reason: str = ""

    @property
    def state(self) -> Literal["empty", "growing", "answered", "failed"]:
        if self.error is not None:
            return "failed"
        if self.completed is not None:
            return "answered"
        return "growing" if self.is_streaming else "empty"

    @property
    def next_example(self) -> int:
        return 0 if self.example_index is None else (self.example_index + 1) % max(self.example_count, 1)
