"""Raw text and the models that continue it as it stands, without a chat template."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from plait.core.engine.chat import Sampling
from plait.core.engine.conversation import Manner
from plait.core.engine.protocol import End, Piece
from plait.core.task.options import check_number


@dataclass(frozen=True)
class Beginning:
    """A text to be continued. Control tokens in it are control tokens: whoever writes it writes the whole prompt."""

    text: str
    model: str | None = None
    manner: Manner = field(default_factory=Manner)
    timeout: float | None = None

    def __post_init__(self) -> None:
        check_number("timeout", self.timeout)


@runtime_checkable
class Completes(Protocol):
    """A model that continues raw text."""

    def complete(self, text: str, sampling: Sampling) -> AsyncIterator[Piece | End]: ...
