"""An answer with its details: where quoted values stand, its id, the model, what it cost."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from plait.core.engine.protocol import Usage
from plait.core.engine.validation import Completed
from plait.core.values.span import Span

R = TypeVar("R")


@dataclass(frozen=True)
class DetailedAnswer(Generic[R]):
    """An answer, as `task.detailed(...)` returns it.

    `evidence` has the spans of each quoted value by its dotted path, `evidence["lines.0.price"]`; offsets count code
    points of the input as it was passed.
    """

    value: R
    evidence: Mapping[str, tuple[Span, ...]]
    id: str
    model: str
    usage: Usage
    seconds: float


def detailed_answer(completed: Completed) -> DetailedAnswer[Any]:
    return DetailedAnswer(
        completed.value, completed.evidence, completed.id, completed.model, completed.usage, completed.seconds
    )
