"""Speed of sixteen questions in one batch over one at a time, each about a different picture.

Budget: at least 3 times as fast. CPU time of one core; no picture is cached. Measured by task, as with `.batch`, and
with all tasks mixed, as over HTTP: there all wait for the longest answer.

    python -m benchmarks.unified_batch [MODEL]
"""

import random
import sys
import time
from collections.abc import Sequence

import torch

from benchmarks.measure import interleaved_timings, median, ratio, report
from plait.foundation.unified.generation.answering import AnswerRequest
from plait.foundation.unified.suite.questions import TASKS_WITHOUT_PICTURE
from plait.foundation.unified.suite.trained_solver import TrainedSolver, trained_solver
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import TASKS, make_items

BATCH, REPEATS = 16, 9


def main() -> None:
    torch.set_num_threads(1)
    model = trained_solver(sys.argv[1] if len(sys.argv) > 1 else "plait-nano")
    task_sets = {**{task: (task,) for task in TASKS}, "mixed": TASKS}
    report(
        "unified_batch",
        {name: compare(model, questions(model, tasks, random.Random(0))) for name, tasks in task_sets.items()},
    )


def compare(model: TrainedSolver, batch_questions: Sequence[AnswerRequest]) -> dict[str, object]:
    timings = interleaved_timings(
        REPEATS,
        one_at_a_time=lambda: seconds(model, [[question] for question in batch_questions]),
        together=lambda: seconds(model, [batch_questions]),
    )
    return {
        "milliseconds_an_answer": {name: round(1e3 * median(values) / BATCH, 2) for name, values in timings.items()},
        "times_as_fast": ratio(timings, "one_at_a_time", "together"),
        "tokens_an_answer": round(
            sum(len(each.output_ids) for each in model.answerer.answers(batch_questions)) / BATCH, 1
        ),
    }


def questions(model: TrainedSolver, tasks: Sequence[str], rng: random.Random) -> list[AnswerRequest]:
    """Questions of each task in turn, each with its own picture."""
    requests: list[AnswerRequest] = []
    while len(requests) < BATCH:
        scene, task = sample_scene(rng), tasks[len(requests) % len(tasks)]
        if items_of := make_items(scene, 1, {task: 1.0}, rng):
            requests.append(model.answer_request(items_of[0], None if task in TASKS_WITHOUT_PICTURE else scene))
    return requests


def seconds(model: TrainedSolver, batches: Sequence[Sequence[AnswerRequest]]) -> float:
    model.answerer.image_cache.clear()
    started = time.process_time()
    for batch in batches:
        model.answerer.answers(batch)
    return time.process_time() - started


if __name__ == "__main__":
    main()
