"""View models of the pages: context of the visitor, task listings, and the state of a call."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from plait.core.engine.certificate import LEAF_KINDS, Certificate, LeafKind
from plait.core.engine.protocol import is_adapted
from plait.core.engine.validation import Completed
from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.core.values.forms import FormFields
from plait.core.values.json_value import Json

Language = Literal["en", "zh"]


@dataclass(frozen=True)
class PageContext:
    """The context of a page. `model` is the name of the answering model; `origin` the server's address for snippets.

    `query` is that of the address without the language, so that the page in the other language shows the same.
    `new_session` is given to a browser without a session. `may_administer` shows what changes which model answers.
    """

    language: Language = "en"
    model: str = ""
    state: Literal["ready", "starting", "none"] = "ready"
    path: str = "/"
    origin: str = "http://127.0.0.1:8800"
    query: str = ""
    new_session: str = ""
    may_administer: bool = False


@dataclass(frozen=True)
class ChatModelOption:
    """A chat model in the selection list."""

    name: str
    accepts_images: bool = False


@dataclass(frozen=True)
class Verdict:
    """What was said about an answer: whether it is right (None if nobody said so), a comment, and its correction.

    `state` is that of the correction; while it is `editing`, `fields` is the form of the right answer.
    """

    id: str
    state: Literal["open", "editing", "corrected"] = "open"
    fields: FormFields = field(default_factory=FormFields)
    right: bool | None = None
    comment: str = ""

    @property
    def root(self) -> str:
        """The name of the answer in the form, which is unique on a page with several answers."""
        return f"answer-{self.id}"


@dataclass(frozen=True)
class TaskView:
    """A task with the submitted inputs and the answer.

    `submitted` is the form as sent, so that an invalid form is returned as typed. `inputs` are the same in JSON form,
    if they could be parsed, or those of an example. If both are unset, the form is empty. `partial` is used while
    `is_streaming`. `image_sizes` maps paths of input images to their sizes; `unavailable_reason` tells why no model can
    answer. `option_texts` are the options of the call as typed, by name; `models` can answer the task, the first by
    default, and `limits` are what that one cannot do. `verdict` is set if the answer can be corrected; an error is then
    one of the correction. `certificate` is that of a complete answer of a model.
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
    option_texts: Mapping[str, str] = field(default_factory=dict[str, str])
    models: tuple[str, ...] = ()
    limits: tuple[str, ...] = ()
    verdict: Verdict | None = None
    certificate: Certificate | None = None

    @property
    def has_adapted_model(self) -> bool:
        """Whether what answered has learned the task, and is shown no examples."""
        return self.completed is not None and is_adapted(self.completed.model, self.declaration.name)

    @property
    def leaf_counts(self) -> list[tuple[LeafKind, int]]:
        """How many values of the answer are of each kind."""
        counts = Counter(leaf.kind for leaf in self.certificate.leaves.values()) if self.certificate else {}
        return [(kind, counts[kind]) for kind in LEAF_KINDS if counts.get(kind)]

    @property
    def state(self) -> Literal["empty", "growing", "answered", "failed"]:
        if self.error is not None and self.verdict is None:
            return "failed"
        if self.completed is not None:
            return "answered"
        return "growing" if self.is_streaming else "empty"

    @property
    def next_example(self) -> int:
        return 0 if self.example_index is None else (self.example_index + 1) % max(self.example_count, 1)
