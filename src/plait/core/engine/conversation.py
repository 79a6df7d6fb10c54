"""What is said to a model, and how it may go on: one value."""

from dataclasses import dataclass, field

from plait.core.engine.chat import Sampling
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Message
from plait.core.task.options import check_number

TEMPERATURE = 0.6  # prose is livelier than a typed answer


@dataclass(frozen=True)
class SamplingOptions:
    """How a model goes on; None is the usual: the server's own limit, a fresh seed, the engine's habits."""

    max_tokens: int | None = None
    temperature: float | None = None
    top_p: float | None = None
    seed: int | None = None
    stop: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_number("temperature", self.temperature)
        check_number("seed", self.seed)

    def to_sampling(self, max_tokens: int) -> Sampling:
        """How to sample, with so many tokens where no limit was chosen."""
        temperature = TEMPERATURE if self.temperature is None else self.temperature
        return Sampling(self.max_tokens or max_tokens, temperature, self.seed, stop=self.stop, top_p=self.top_p)


@dataclass(frozen=True)
class Conversation:
    """What was said so far. `model` None is the first that chats; `timeout` is the whole answer's, in seconds."""

    messages: tuple[Message, ...]
    model: str | None = None
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    grammar: Grammar | None = None
    timeout: float | None = None

    def __post_init__(self) -> None:
        check_number("timeout", self.timeout)
