"""What answers the suite: the trained model and the trivial baselines alike."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.scene import Scene


@dataclass(frozen=True)
class Prediction:
    """An answer, None where there is none; of a task that paints a square picture, (side, side, 3). `true_logit_margin`
    is how much it leans to yes: the logit of yes less that of no.
    """

    answer: Answer | PixelArray | None
    true_logit_margin: float | None = None


class Solver(Protocol):
    name: str

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> Sequence[Prediction]:
        """One for each item, all of one task. A scene is to be drawn and the picture looked at; None is that of a task
        without one. Items carry the right answer along: it is not to be looked at.
        """
        ...
