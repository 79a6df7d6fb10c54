"""Result of measuring a plan: time per task, and agreement of its answers with fp32."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import geometric_mean

from plait.foundation.cards.inference_plan import InferencePlan

MAX_TOTAL_VARIATION = 0.05  # maximum total variation of code probabilities at which images count as the same


@dataclass(frozen=True)
class Parity:
    """`same_answers` of `questions` answers are the same as in fp32; `code_variation` is the total variation of code
    probabilities, 0 without image tasks.
    """

    same_answers: int
    questions: int
    code_variation: float

    def is_within(self, min_agreement: float) -> bool:
        return self.same_answers >= min_agreement * self.questions and self.code_variation <= MAX_TOTAL_VARIATION


@dataclass(frozen=True)
class PlanTrial:
    """`milliseconds`: time per task of one question at a time, with a picture that is not cached."""

    plan: InferencePlan
    milliseconds: Mapping[str, float]
    parity: Parity

    def gain(self, baseline: "PlanTrial") -> float:
        """Speed-up over the other trial: geometric mean over tasks."""
        return geometric_mean(baseline.milliseconds[task] / self.milliseconds[task] for task in self.milliseconds)


@dataclass(frozen=True)
class ScoredTrial:
    """A trial and its speed-up over the current plan, which was timed in alternation with it."""

    trial: PlanTrial
    gain: float


@dataclass(frozen=True)
class OptimizationResult:
    """`best` is the current plan if nothing is clearly faster; the current plan is also the first of `trials`."""

    model: str
    best: ScoredTrial
    trials: tuple[ScoredTrial, ...]
