"""A plan that was tried: how long each task takes by it, and how much of what is answered stays the same."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import geometric_mean

from plait.foundation.cards.inference_plan import InferencePlan

MAX_TOTAL_VARIATION = 0.05  # of the probability of codes, at most, where a painting counts as the same


@dataclass(frozen=True)
class Parity:
    """`alike` of the `asked` questions are answered as in fp32; `moved` is how much of the probability of codes lies
    elsewhere, 0 for what does not paint.
    """

    alike: int
    asked: int
    moved: float

    def is_within(self, min_agreement: float) -> bool:
        return self.alike >= min_agreement * self.asked and self.moved <= MAX_TOTAL_VARIATION


@dataclass(frozen=True)
class PlanTrial:
    """`milliseconds` are those of one question at a time, its picture read anew, by task."""

    plan: InferencePlan
    milliseconds: Mapping[str, float]
    parity: Parity

    def gain(self, baseline: "PlanTrial") -> float:
        """How many times as fast as the other one, in the geometric mean of tasks."""
        return geometric_mean(baseline.milliseconds[task] / self.milliseconds[task] for task in self.milliseconds)


@dataclass(frozen=True)
class ScoredTrial:
    """A trial, and how many times as fast it was as the present plan, which was timed in turn with it."""

    trial: PlanTrial
    gain: float


@dataclass(frozen=True)
class OptimizationResult:
    """`best` is the present plan where nothing is clearly faster; the first of the `trials` is that one, too."""

    model: str
    best: ScoredTrial
    trials: tuple[ScoredTrial, ...]
