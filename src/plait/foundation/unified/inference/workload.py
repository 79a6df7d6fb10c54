"""What a model is asked to find out how it is run best: questions of the suite, of each task that it was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from plait.foundation.unified.generation.answering import Question
from plait.foundation.unified.generation.painter import Commission
from plait.foundation.unified.suite.questions import questions
from plait.foundation.unified.suite.trained_solver import Trained
from plait.foundation.unified.worlds.task_items import PAINTED, TASKS

SEED = 7  # of the scenes: others than those of the suite


@dataclass(frozen=True)
class Workload:
    """By task, ready to be answered."""

    questions: Mapping[str, Sequence[Question]]
    commissions: Mapping[str, Sequence[Commission]]

    @property
    def tasks(self) -> tuple[str, ...]:
        return *self.questions, *self.commissions


def workload(model: Trained, tasks: Sequence[str], count: int) -> Workload:
    """`count` questions of each task; those that are not of the worlds are left out."""
    answered: dict[str, list[Question]] = {}
    painted: dict[str, list[Commission]] = {}
    for task in TASKS:
        if task in tasks:
            asked = list(islice(questions(task, "seen", count, SEED), count))
            if task in PAINTED:
                painted[task] = [model.commission(each.item, each.shown, seed) for seed, each in enumerate(asked)]
            else:
                answered[task] = [model.question(each.item, each.shown) for each in asked]
    return Workload(answered, painted)
