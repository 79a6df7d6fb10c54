"""Interface of everything that answers the suite: trained models and baselines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.scene import Scene


@dataclass(frozen=True)
class Prediction:
    """An answer, None if there is none; for image tasks a square picture, (side, side, 3). `true_logit_margin` is the
    logit of yes minus the logit of no.
    """

    answer: Answer | PixelArray | None
    true_logit_margin: float | None = None


class Solver(Protocol):
    name: str

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> Sequence[Prediction]:
        """One prediction per item, all of one task. A solver renders the scene and looks at the picture; the scene is
        None for a task without a picture. Items contain the right answer, which a solver must not read.
        """
        ...
