"""A model file on the bench: run by one plan after another, timed, and held against what it answers in fp32."""

import time
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from statistics import median

import torch

from plait.core.config import Arithmetic
from plait.foundation.cards.inference_plan import Plan
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.generation.answering import Answered
from plait.foundation.unified.generation.image_decoding import USUAL
from plait.foundation.unified.inference.compiled import compiled
from plait.foundation.unified.inference.parity import alike, moved, probabilities
from plait.foundation.unified.inference.precision import calculating
from plait.foundation.unified.inference.trial import Same, Trial
from plait.foundation.unified.inference.workload import workload
from plait.foundation.unified.suite.trained_solver import Trained
from plait.foundation.unified.weights.weight_files import load

TOGETHER = 16  # questions that are answered in one batch where their time does not matter


class Bench:
    def __init__(self, file: Path, tasks: Sequence[str], count: int) -> None:
        """`count` questions of each of the tasks will be asked. Raises CheckpointError."""
        self.file = file
        self.models: dict[tuple[Arithmetic, bool], Trained] = {}
        self.sames: dict[Arithmetic, Same] = {}
        self.work = workload(self.model("fp32"), tasks, count)

    def model(self, arithmetic: Arithmetic, compile: bool = False) -> Trained:
        """Loaded once for each way to calculate."""
        key = arithmetic, compile
        if key not in self.models:
            model = calculating(load(self.file), arithmetic)
            self.models[key] = Trained(self.file.stem, compiled(model, vocabulary()) if compile else model)
        return self.models[key]

    def trials(self, plans: Sequence[Plan], rounds: int) -> list[Trial]:
        """The plans in turn, one round after another, so that all meet the same moods of the machine; medians."""
        spent = {plan: {task: list[float]() for task in self.work.tasks} for plan in plans}
        for number in range(rounds + 1):
            for plan, by_task in spent.items():
                for task, seconds in by_task.items():
                    seconds.append(self.seconds(plan, task, number))
        return [Trial(plan, milliseconds(spent[plan]), self.same(plan.arithmetic)) for plan in plans]

    def seconds(self, plan: Plan, task: str, number: int) -> float:
        """What one question of the task takes, its picture being new."""
        model = self.model(plan.arithmetic, plan.compiled)
        torch.set_num_threads(plan.threads)
        model.answerer.seen.clear()
        started = time.perf_counter()
        if commissions := self.work.commissions.get(task):
            model.painter.pictures([commissions[number % len(commissions)]], USUAL)
        else:
            questions = self.work.questions[task]
            model.answerer.answers([questions[number % len(questions)]])
        return time.perf_counter() - started

    def same(self, arithmetic: Arithmetic) -> Same:
        if arithmetic not in self.sames:
            torch.set_num_threads(1)
            pairs = list(zip(self.answers(arithmetic), self.exact, strict=True))
            self.sames[arithmetic] = Same(sum(alike(*each) for each in pairs), len(pairs), self.moved(arithmetic))
        return self.sames[arithmetic]

    @cached_property
    def exact(self) -> list[Answered]:
        return list(self.answers("fp32"))

    def answers(self, arithmetic: Arithmetic) -> Iterator[Answered]:
        answerer = self.model(arithmetic).answerer
        for questions in self.work.questions.values():
            for first in range(0, len(questions), TOGETHER):
                yield from answerer.answers(questions[first : first + TOGETHER])

    def moved(self, arithmetic: Arithmetic) -> float:
        """Of the task of which it is most."""
        here, there = (self.model(each).painter for each in (arithmetic, "fp32"))
        each = (moved(*(probabilities(of, asked) for of in (here, there))) for asked in self.work.commissions.values())
        return max(each, default=0.0)


def milliseconds(spent: Mapping[str, Sequence[float]]) -> dict[str, float]:
    """Medians by task; the first round is for caches."""
    return {task: 1e3 * median(seconds[1:]) for task, seconds in spent.items()}
