"""Entry point of `plait optimize`: finds the fastest plan on this machine with the same answers."""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from plait.core.errors import InputError
from plait.foundation.cards.header import read_header
from plait.foundation.cards.inference_plan import InferencePlan, neighbouring_plans
from plait.foundation.unified.inference.benchmark import Benchmark
from plait.foundation.unified.inference.compiled import can_compile
from plait.foundation.unified.inference.trial import OptimizationResult, ScoredTrial
from plait.foundation.unified.worlds.task_items import TASKS

QUESTIONS = 40  # per task, to compare answers
ROUNDS = 9
MIN_GAIN = 1.05  # minimum speed-up: less is within the noise of a machine


class OptimizableModel(Protocol):
    """A model's table in plait.toml: its weights, and the plan by which they are run now."""

    @property
    def file(self) -> Path: ...

    @property
    def plan(self) -> InferencePlan: ...


def optimize(
    model: OptimizableModel, min_agreement: float, questions: int = QUESTIONS, rounds: int = ROUNDS
) -> OptimizationResult:
    """Optimizes one option after another: threads, precision, compilation. A plan is accepted if it is faster and at
    least the share `min_agreement` of its answers equals those in fp32.

    Raises CheckpointError, and InputError if the model was trained on no task that the worlds have questions for.
    """
    card, current = read_header(model.file).card, model.plan
    tasks = [task for task in TASKS if task in card.tasks]
    if not tasks:
        raise InputError(
            f"{card.name} was trained on no task of the worlds, so there are no questions to measure it by",
            hint=f"optimize a model that can do one of {', '.join(TASKS)}",
        )
    bench = Benchmark(model.file, tasks, questions)
    cores, best, scored = os.cpu_count() or 1, current, dict[InferencePlan, ScoredTrial]()
    for option in neighbouring_plans(current, cores):
        if option == "compiled" and not (bench.workload.paint_requests and can_compile()):
            continue  # only image generation is compiled
        plans = list(dict.fromkeys([current, best, *neighbouring_plans(best, cores)[option]]))
        trials = bench.trials(plans, rounds, f"optimize {card.name}, {option}")
        scored |= {each.plan: ScoredTrial(each, each.gain(trials[0])) for each in trials}
        best = fastest_trial([scored[plan] for plan in plans], scored[best], min_agreement).trial.plan
    return OptimizationResult(card.name, scored[best], tuple(scored.values()))


def fastest_trial(candidates: Sequence[ScoredTrial], best: ScoredTrial, min_agreement: float) -> ScoredTrial:
    """The best trial so far, unless another one is clearly faster with the same answers."""
    fastest = max(
        (each for each in candidates if each.trial.parity.is_within(min_agreement)),
        key=lambda each: each.gain,
        default=best,
    )
    return fastest if fastest.gain >= MIN_GAIN * best.gain else best
