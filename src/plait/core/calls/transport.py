"""The transport of a call: the client of the enclosing `with Client(...)`, otherwise this process."""

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING, Protocol

from plait.core import plugins
from plait.core.calls.scope import innermost_scope
from plait.core.config import settings
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import Engine, Finish, TextDelta
from plait.core.engine.validation import AnswerEvent
from plait.core.prompting.example_rows import Example
from plait.core.prompting.project import OWNER
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options

if TYPE_CHECKING:
    from plait.core.calls.feedback import Feedback


@dataclass(frozen=True)
class Call:
    """A task call with validated inputs.

    `code_engines` are the engines that its declaration brings; `author` is who asks, and whose examples are shown.
    With `can_correct` the answer is remembered for a correction by its id; a score needs none. With `wants_probs` the
    token probabilities are computed even if no calibration uses them. `person` is a label of whoever it is for, "" if
    nobody: any caller can write it, so it never grants access. `route` is the route that chose the model of `options`.
    """

    declaration: Declaration
    inputs: dict[str, object]
    options: Options = field(default_factory=Options)
    code_engines: tuple[Engine, ...] = ()
    streamed: bool = False
    author: str = OWNER
    can_correct: bool = True
    wants_probs: bool = False
    person: str = ""
    route: str = ""


@dataclass(frozen=True)
class TaskSummary:
    """One-line description of a task that a transport can answer."""

    name: str
    instruction: str
    answer: str
    fingerprint: str


class Transport(Protocol):
    """Protocol of a way to models: in this process or over HTTP, with the same calls."""

    def answer(self, call: Call) -> AsyncGenerator[AnswerEvent, None]: ...

    def chat(self, conversation: Conversation) -> AsyncGenerator[TextDelta | Finish, None]: ...

    async def tasks(self) -> list[TaskSummary]: ...

    async def correct(self, declaration: Declaration, id: str, changes: Mapping[str, object]) -> Example:
        """Stores an answer with these changes as an example. Raises AnswerNotFound, InputError."""
        ...

    async def undo_correction(self, declaration: Declaration, id: str) -> bool:
        """Takes a correction back; whether there was one."""
        ...

    async def feedback(self, feedback: "Feedback") -> None:
        """Stores what a person says about answers. Raises AnswerNotFound, InputError."""
        ...

    async def aclose(self) -> None: ...


def transport() -> Transport:
    """The transport of a call made here: its client's, else a configured or local server, else this process."""
    scope = innermost_scope()
    return (scope and scope.transport) or nearby_transport() or local_transport()


def nearby_transport() -> Transport | None:
    """The server that PLAIT_URL names or that `plait up` runs on this machine; None if there is none."""
    current = settings()
    return plugins.load(plugins.TRANSPORTS, "nearby")() if current.url != "none" else None


@cache
def local_transport() -> Transport:
    """The transport of this process."""
    return plugins.load(plugins.TRANSPORTS, "local")()
