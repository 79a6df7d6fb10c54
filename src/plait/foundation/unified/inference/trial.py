"""A plan that was tried: how long each task takes by it, and how much of what is answered stays the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import geometric_mean

from plait.foundation.cards.inference_plan import Plan

MOVED = 0.05  # of the probability of codes, at most, where a painting counts as the same


@dataclass(frozen=True)
class Same:
    """`alike` of the `asked` questions are answered as in fp32; `moved` is how much of the probability of codes lies
    elsewhere, 0 for what does not paint.
    """

    alike: int
    asked: int
    moved: float

    def within(self, share: float) -> bool:
        return self.alike >= share * self.asked and self.moved <= MOVED


@dataclass(frozen=True)
class Trial:
    """`milliseconds` are those of one question at a time, its picture read anew, by task."""

    plan: Plan
    milliseconds: Mapping[str, float]
    same: Same

    def gain(self, over: "Trial") -> float:
        """How many times as fast as the other one, in the geometric mean of tasks."""
        return geometric_mean(over.milliseconds[task] / self.milliseconds[task] for task in self.milliseconds)


@dataclass(frozen=True)
class Tried:
    """A trial, and how many times as fast it was as the present plan, which was timed in turn with it."""

    trial: Trial
    gain: float


@dataclass(frozen=True)
class Optimized:
    """`best` is the present plan where nothing is clearly faster; the first of what was `tried` is that one, too."""

    model: str
    best: Tried
    tried: tuple[Tried, ...]
