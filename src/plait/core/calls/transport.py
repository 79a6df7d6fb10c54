"""The transport of a call: the client of the `with Client(...)` it stands in, else this process."""

from collections.abc import AsyncIterator
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from plait.core import plugins
from plait.core.config import settings
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import Engine, Finish, TextDelta
from plait.core.engine.validation import AnswerEvent
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options


@dataclass(frozen=True)
class Call:
    """A task called with inputs that are already validated. `code_engines` are those its declaration brings."""

    declaration: Declaration
    inputs: dict[str, object]
    options: Options = field(default_factory=Options)
    code_engines: tuple[Engine, ...] = ()
    streamed: bool = False


@dataclass(frozen=True)
class TaskSummary:
    """A task that a transport can answer, in one line."""

    name: str
    instruction: str
    answer: str
    fingerprint: str


class Transport(Protocol):
    """A way to models: in this process, or over HTTP. The same calls, the same words."""

    def answer(self, call: Call) -> AsyncIterator[AnswerEvent]: ...

    def chat(self, conversation: Conversation) -> AsyncIterator[TextDelta | Finish]: ...

    async def tasks(self) -> list[TaskSummary]: ...

    async def aclose(self) -> None: ...


current_transport: ContextVar[Transport | None] = ContextVar("plait_transport", default=None)


def transport() -> Transport:
    """What a call made here goes through: its client's, a server that is named or near, else this process."""
    return current_transport.get() or nearby_transport() or local_transport()


def nearby_transport() -> Transport | None:
    """The server that PLAIT_URL names or that `plait up` runs here; None where there is none."""
    current = settings()
    return plugins.load(plugins.TRANSPORTS, "nearby")() if current.url != "none" else None


@cache
def local_transport() -> Transport:
    """The transport of this process."""
    return plugins.load(plugins.TRANSPORTS, "local")()
