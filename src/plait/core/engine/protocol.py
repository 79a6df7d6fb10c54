"""The protocol of an engine: it answers task requests with a stream of events.

An engine yields the answer as text, in the JSON form of the task's answer (a task that returns `str` is answered bare),
with references by name (`TaskRequest.context`), and ends with `Finish`. `plait.core.engine.validation` then decodes and
validates the text of every engine and retries once, so an engine can be wrong but never passes a wrong type on.
"""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from plait.core.prompting.examples import Example
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Json

FinishReason = Literal["stop", "length", "repetition"]


@dataclass(frozen=True)
class TaskRequest:
    """One question to an engine: a task, its inputs as Python values, and all that a decoder needs to stay legal.

    `attempt` is 0, or 1 when the first answer was refused: an engine should then not give the same one again.
    `streamed` is True where the caller sees the answer grow.
    """

    declaration: Declaration
    inputs: Mapping[str, object]
    context: CallContext
    options: Options = field(default_factory=Options)
    examples: tuple[Example, ...] = ()
    attempt: int = 0
    streamed: bool = False


@dataclass(frozen=True)
class TextDelta:
    """Some more of an answer's text."""

    text: str


@dataclass(frozen=True)
class PartialAnswer:
    """The answer as far as it is known, in JSON form; it replaces the one before and is not part of its text."""

    json_value: Json


@dataclass(frozen=True)
class Usage:
    """Tokens read and written; 0 where an engine has none."""

    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass(frozen=True)
class Finish:
    """The end of an answer: complete ("stop"), cut by a limit ("length"), or stopped because it repeats itself."""

    usage: Usage = Usage()
    reason: FinishReason = "stop"


class Engine(Protocol):
    """Answers tasks. `name` is what people call it, `digest` tells which version of it answered."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def can(self, declaration: Declaration) -> str:
        """Why it cannot answer a task; empty where it can."""
        ...

    def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | PartialAnswer | Finish]:
        """The answer's text, then Finish; where it is streamed, partial answers before. Closing the iterator stops the
        work. Raises EngineErrors and ContextTooLong.
        """
        ...

    async def aclose(self) -> None: ...


@runtime_checkable
class HasBoxFormat(Protocol):
    """An engine that writes boxes in a format of its own (plait.types.box.box_formats), "" where none is known."""

    @property
    def box_format(self) -> str: ...


@runtime_checkable
class Installable(Protocol):
    """An engine that may lack a package."""

    def install_command(self, declaration: Declaration) -> str:
        """The command after which it can answer the task; "" where it can already, or no command would help."""
        ...
