"""Requests to a chat model: a conversation, or raw text to be continued without a chat template."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Message
from plait.core.task.options import OPTIONS

TEMPERATURE = 0.6  # free text; typed answers are sampled at the engine's own temperature


@dataclass(frozen=True)
class SamplingOptions:
    """Sampling options of a request. None is the default: the server's limit, a random seed, the engine's top_p."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        OPTIONS["temperature"].check("temperature", self.temperature)
        OPTIONS["seed"].check("seed", self.seed)

    def to_sampling(self, max_tokens: int) -> Sampling:
        """The sampling parameters; `max_tokens` applies if no limit was chosen."""
        temperature = TEMPERATURE if self.temperature is None else self.temperature
        return Sampling(self.max_tokens or max_tokens, temperature, self.seed, stop=self.stop, top_p=self.top_p)


@dataclass(frozen=True)
class Conversation:
    """A conversation up to now. `model` None selects the first chat model; `timeout` bounds the whole answer, in
    seconds.
    """

    messages: tuple[Message, ...]
    model: str | None = None
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    grammar: Grammar | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        OPTIONS["timeout"].check("timeout", self.timeout)


@dataclass(frozen=True)
class CompletionRequest:
    """A text to be continued verbatim: control tokens in it act as control tokens."""

    text: str
    model: str | None = None
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    timeout: float | None = None

    def __post_init__(self) -> None:
        OPTIONS["timeout"].check("timeout", self.timeout)


@runtime_checkable
class CompletionModel(Protocol):
    """Protocol of a model that continues raw text."""

    def complete(self, text: str, sampling: Sampling) -> AsyncGenerator[TextDelta | Finish, None]: ...
