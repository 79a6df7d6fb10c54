"""Benchmark of a model file: times execution plans in turn and compares their answers with those in fp32."""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import product
from pathlib import Path
from statistics import median

import torch

from plait.core.progress import CountProgress
from plait.foundation.cards.inference_plan import InferencePlan, Precision
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import GeneratedAnswer
from plait.foundation.unified.generation.image_decoding import DEFAULT_SAMPLING
from plait.foundation.unified.inference.compiled import compile_decoder_layers
from plait.foundation.unified.inference.parity import code_probabilities, is_same_answer, total_variation
from plait.foundation.unified.inference.precision import convert_precision
from plait.foundation.unified.inference.trial import Parity, PlanTrial
from plait.foundation.unified.inference.workload import workload
from plait.foundation.unified.suite.trained_solver import TrainedSolver
from plait.foundation.unified.weights.weight_files import load

BATCH_SIZE = 16  # questions per batch when answers are compared, not timed


class Benchmark:
    def __init__(self, file: Path, tasks: Sequence[str], count: int) -> None:
        """Prepares `count` questions of each task. Raises CheckpointError."""
        self.file = file
        self.models: dict[tuple[Precision, bool], TrainedSolver] = {}
        self.parities: dict[Precision, Parity] = {}
        self.workload = workload(self.model("fp32"), tasks, count)

    def model(self, precision: Precision, compile: bool = False) -> TrainedSolver:
        """The model, loaded once per precision and compilation."""
        key = precision, compile
        if key not in self.models:
            model = convert_precision(load(self.file), precision)
            self.models[key] = TrainedSolver(
                self.file.stem, compile_decoder_layers(model, vocabulary()) if compile else model
            )
        return self.models[key]

    def trials(self, plans: Sequence[InferencePlan], rounds: int, name: str) -> list[PlanTrial]:
        """Measures the plans in alternation, round after round, so that load on the machine affects all; reports
        medians. Progress is shown under `name`.
        """
        seconds_by_plan = {plan: {task: list[float]() for task in self.workload.tasks} for plan in plans}
        turns = list(product(range(rounds + 1), plans, self.workload.tasks))
        progress = CountProgress(name, len(turns), "answers")
        for done, (number, plan, task) in enumerate(turns, 1):
            seconds_by_plan[plan][task].append(self.seconds(plan, task, number))
            progress.update(done)
        return [
            PlanTrial(plan, median_milliseconds(seconds_by_plan[plan]), self.parity(plan.arithmetic)) for plan in plans
        ]

    def seconds(self, plan: InferencePlan, task: str, number: int) -> float:
        """Time of one question of the task, with a picture that is not cached."""
        model = self.model(plan.arithmetic, plan.compiled)
        torch.set_num_threads(plan.threads)
        model.answerer.image_cache.clear()
        started = time.perf_counter()
        if paint_requests := self.workload.paint_requests.get(task):
            model.painter.paint([paint_requests[number % len(paint_requests)]], DEFAULT_SAMPLING)
        else:
            questions = self.workload.answer_requests[task]
            model.answerer.answers([questions[number % len(questions)]])
        return time.perf_counter() - started

    def parity(self, precision: Precision) -> Parity:
        if precision not in self.parities:
            torch.set_num_threads(1)
            pairs = list(zip(self.answers(precision), self.fp32_answers, strict=True))
            self.parities[precision] = Parity(
                sum(is_same_answer(*each) for each in pairs), len(pairs), self.max_total_variation(precision)
            )
        return self.parities[precision]

    @cached_property
    def fp32_answers(self) -> list[GeneratedAnswer]:
        return list(self.answers("fp32"))

    def answers(self, precision: Precision) -> Iterator[GeneratedAnswer]:
        answerer = self.model(precision).answerer
        for questions in self.workload.answer_requests.values():
            for first in range(0, len(questions), BATCH_SIZE):
                yield from answerer.answers(questions[first : first + BATCH_SIZE])

    def max_total_variation(self, precision: Precision) -> float:
        """Total variation of the code probabilities from fp32, of the task where it is largest."""
        painter, fp32_painter = (self.model(each).painter for each in (precision, "fp32"))
        each = (
            total_variation(*(code_probabilities(each_painter, requests) for each_painter in (painter, fp32_painter)))
            for requests in self.workload.paint_requests.values()
        )
        return max(each, default=0.0)


def median_milliseconds(seconds_by_task: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Medians by task, without the first round, which warms the caches."""
    return {task: 1e3 * median(seconds[1:]) for task, seconds in seconds_by_task.items()}
