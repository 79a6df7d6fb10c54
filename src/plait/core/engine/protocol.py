"""The protocol of an engine: it answers task requests with a stream of events.

An engine yields the answer as text, in the JSON form of the task's answer (a task that returns `str` is answered bare),
with references by name (`TaskRequest.context`), and ends with `Finish`. `plait.core.engine.validation` then decodes and
validates the text of every engine and retries once, so an engine can be wrong but never passes a wrong type on.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol, runtime_checkable

from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.values.call_context import CallContext
from plait.core.values.json_value import Json

# Of an adapter of a task, smollm2/home_command@3, or for any typed task, smollm2-typed@1.
VERSION = re.compile(r"[^@]+(?:/[^@]+|-typed)@[1-9][0-9]{0,8}")
FinishReason = Literal["stop", "length", "repetition"]


@dataclass(frozen=True)
class TaskRequest:
    """One request to an engine: a task, its inputs as Python values, and everything that constrains the decoder.

    `attempt` is 0, or 1 after the first answer was refused: the engine should then not return the same answer again.
    `streamed` is True if the caller receives partial answers. `candidates` is the number of most likely tokens that an
    engine reports beside each token, as far as it can; 0 asks for none.
    """

    declaration: Declaration
    inputs: Mapping[str, object]
    context: CallContext
    options: Options = field(default_factory=Options)
    examples: tuple[Example, ...] = ()
    attempt: int = 0
    streamed: bool = False
    candidates: int = 0


@dataclass(frozen=True)
class TokenCandidate:
    """A token that the model might have written: its bytes, empty for the end, and its log-probability."""

    content: bytes
    log_prob: float


@dataclass(frozen=True)
class TokenProbs:
    """A token of an answer, with the most likely tokens in its place: before temperature, samplers and grammar."""

    content: bytes
    log_prob: float
    candidates: tuple[TokenCandidate, ...]


@dataclass(frozen=True)
class TextDelta:
    """The next piece of an answer's text. `tokens` are those that it was decoded from, if the request wants them."""

    text: str
    tokens: tuple[TokenProbs, ...] = ()


@dataclass(frozen=True)
class PartialAnswer:
    """The known part of an answer, in JSON form. It replaces the previous one and is not part of the answer's text."""

    json_value: Json


@dataclass(frozen=True)
class Usage:
    """Tokens read and written; 0 if the engine does not count tokens."""

    prompt_tokens: int = 0
    answer_tokens: int = 0


@dataclass(frozen=True)
class Finish:
    """The end of an answer: complete ("stop"), cut by a limit ("length"), or stopped because it repeats itself."""

    usage: Usage = Usage()
    reason: FinishReason = "stop"


class Engine(Protocol):
    """Protocol of an engine, which answers tasks. `name` is its display name, `digest` identifies its version."""

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    def can(self, declaration: Declaration) -> str:
        """The reason why the engine cannot answer a task; empty if it can."""
        ...

    def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | PartialAnswer | Finish, None]:
        """The answer's text, then Finish; partial answers come first if the request is streamed.

        Closing the iterator stops the work. Raises EngineError and its subclasses, and ContextTooLong.
        """
        ...

    async def aclose(self) -> None: ...


def model_of_answer(engine: Engine) -> str:
    """The name and digest of an engine; the name alone of a version of the registry, which needs no digest."""
    return engine.name if VERSION.fullmatch(engine.name) or not engine.digest else f"{engine.name}@{engine.digest}"


def name_of_model(model: str) -> str:
    """The name by which the model of an answer can be asked again: without its digest."""
    return model if VERSION.fullmatch(model) else model.partition("@")[0]


def is_adapted(model: str, task: str) -> bool:
    """Whether the model of an answer has learned this task, `smollm2/home_command@2`, and is asked without examples."""
    return model.partition("@")[0].endswith(f"/{task}")


@runtime_checkable
class HasBoxFormat(Protocol):
    """Protocol of an engine with its own box format (plait.types.box.box_formats); "" if the format is unknown."""

    @property
    def box_format(self) -> str: ...


@runtime_checkable
class Loadable(Protocol):
    """Protocol of an engine that takes a while to load its model."""

    @property
    def is_loaded(self) -> bool: ...

    async def load(self) -> None:
        """Loads the model, which otherwise the first answer does. Raises EngineError, MissingDependency."""
        ...


@runtime_checkable
class Installable(Protocol):
    """Protocol of an engine that may need a package that is not installed."""

    def install_command(self, declaration: Declaration) -> str:
        """The command that enables the engine for the task; "" if it is ready or no command would help."""
        ...
