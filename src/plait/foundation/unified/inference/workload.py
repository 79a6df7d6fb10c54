"""Workload of `plait optimize`: questions of the suite for each task that the model was trained on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from plait.foundation.unified.generation.answering import AnswerRequest
from plait.foundation.unified.generation.painter import PaintRequest
from plait.foundation.unified.suite.questions import sample_questions
from plait.foundation.unified.suite.trained_solver import TrainedSolver
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS, TASKS

SEED = 7  # of the scenes; differs from the seed of the suite


@dataclass(frozen=True)
class Workload:
    """Requests by task, ready to run."""

    answer_requests: Mapping[str, Sequence[AnswerRequest]]
    paint_requests: Mapping[str, Sequence[PaintRequest]]

    @property
    def tasks(self) -> tuple[str, ...]:
        return *self.answer_requests, *self.paint_requests


def workload(model: TrainedSolver, tasks: Sequence[str], count: int) -> Workload:
    """`count` questions of each task; tasks that the worlds do not have are left out."""
    answer_requests: dict[str, list[AnswerRequest]] = {}
    paint_requests: dict[str, list[PaintRequest]] = {}
    for task in TASKS:
        if task in tasks:
            questions = list(islice(sample_questions(task, "seen", count, SEED), count))
            if task in IMAGE_TASKS:
                paint_requests[task] = [
                    model.paint_request(each.item, each.visible_scene, seed) for seed, each in enumerate(questions)
                ]
            else:
                answer_requests[task] = [model.answer_request(each.item, each.visible_scene) for each in questions]
    return Workload(answer_requests, paint_requests)
