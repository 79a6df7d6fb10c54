"""Sixteen questions, each about a picture of its own: in one batch over one at a time.

Budget: at least 3 times as fast. CPU time of one core; nothing is known of the pictures before. By task, as `.batch`
asks, and all tasks mixed, as they come over HTTP: there all wait for the longest answer.

    python -m benchmarks.unified_batch [MODEL]
"""

import random
import sys
import time
from collections.abc import Sequence

import torch

from benchmarks.measure import interleaved, median, ratio, report
from plait.foundation.unified.generation.answering import Question
from plait.foundation.unified.suite.questions import BLIND
from plait.foundation.unified.suite.trained_solver import Trained, solver
from plait.foundation.unified.worlds.sampling import scene
from plait.foundation.unified.worlds.task_items import TASKS, items

BATCH, REPEATS = 16, 9


def main() -> None:
    torch.set_num_threads(1)
    model = solver(sys.argv[1] if len(sys.argv) > 1 else "plait-nano")
    kinds = {**{task: (task,) for task in TASKS}, "mixed": TASKS}
    report(
        "unified_batch", {name: compared(model, questions(model, of, random.Random(0))) for name, of in kinds.items()}
    )


def compared(model: Trained, asked: Sequence[Question]) -> dict[str, object]:
    taken = interleaved(
        REPEATS,
        one_at_a_time=lambda: seconds(model, [[question] for question in asked]),
        together=lambda: seconds(model, [asked]),
    )
    return {
        "milliseconds_an_answer": {name: round(1e3 * median(values) / BATCH, 2) for name, values in taken.items()},
        "times_as_fast": ratio(taken, "one_at_a_time", "together"),
        "tokens_an_answer": round(sum(len(each.ids) for each in model.answerer.answers(asked)) / BATCH, 1),
    }


def questions(model: Trained, tasks: Sequence[str], rng: random.Random) -> list[Question]:
    """Of each task in turn, a picture for each."""
    found: list[Question] = []
    while len(found) < BATCH:
        about, task = scene(rng), tasks[len(found) % len(tasks)]
        if items_of := items(about, 1, {task: 1.0}, rng):
            found.append(model.question(items_of[0], None if task in BLIND else about))
    return found


def seconds(model: Trained, batches: Sequence[Sequence[Question]]) -> float:
    model.answerer.seen.clear()
    started = time.process_time()
    for batch in batches:
        model.answerer.answers(batch)
    return time.process_time() - started


if __name__ == "__main__":
    main()
