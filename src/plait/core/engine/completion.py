"""Raw text and the models that continue it as it stands, without a chat template."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from plait.core.engine.chat import Sampling
from plait.core.engine.conversation import SamplingOptions
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.task.options import check_number


@dataclass(frozen=True)
class CompletionRequest:
    """A text to be continued. Control tokens in it are control tokens: whoever writes it writes the whole prompt."""

    text: str
    model: str | None = None
    sampling: SamplingOptions = field(default_factory=SamplingOptions)
    timeout: float | None = None

    def __post_init__(self) -> None:
        check_number("timeout", self.timeout)


@runtime_checkable
class CompletionModel(Protocol):
    """A model that continues raw text."""

    def complete(self, text: str, sampling: Sampling) -> AsyncIterator[TextDelta | Finish]: ...
