"""What answers the suite: the trained model and the trivial baselines alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plait.foundation.data.worlds.items import Answer, Item
from plait.foundation.evaluation.questions import Picture


@dataclass(frozen=True)
class Said:
    """An answer, None where there is none. `leaning` is how much it leans to yes: the logit of yes less that of no."""

    answer: Answer | None
    leaning: float | None = None


class Solver(Protocol):
    name: str

    def answers(self, items: Sequence[Item], pictures: Sequence[Picture | None]) -> Sequence[Said]:
        """One for each item, all of one task. None is the picture of a task without one. Items carry the right answer
        along: it is not to be looked at.
        """
        ...
