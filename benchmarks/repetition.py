"""Compares three treatments of a model that repeats itself: none, a penalty from the start, or stop and ask again.

Counts invoices with an endless list, scores the fields of all invoices, and counts right answers to home commands,
which require names copied from the prompt. The third treatment is that of `plait.core.engine.chat`.

    python -m benchmarks.repetition [INVOICES] [COMMANDS]
"""

import json
import random
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from unittest.mock import patch

from benchmarks.measure import report
from plait import Task
from plait.core.engine import chat
from plait.core.errors import AnswerTooLong
from plait.core.values.call_context import call_context
from plait.core.values.inputs import inputs_from_json
from plait.tasks.extract_invoice import extract_invoice
from plait.tasks.home_command import home_command

Row = dict[str, Any]
default_sampling = chat.task_sampling
STRATEGIES: dict[str, dict[str, Callable[..., Any]]] = {
    "stopped_and_asked_again": {},
    "penalty_from_the_start": {
        "task_sampling": lambda request: replace(default_sampling(request), repeat_penalty=chat.REPEAT_PENALTY)
    },
    "to_the_limit": {"is_repeating": lambda text: False},
}


def rows(task: Task[..., Any], split: str, count: int) -> list[Row]:
    file = task.examples.seeds_file.parent.parent / "held_out" / f"{task.declaration.name}{split}.jsonl"
    return [json.loads(line) for line in random.Random(3).sample(file.read_text("utf-8").splitlines(), count)]


def evaluate_rows(task: Task[..., Any], chosen_rows: list[Row]) -> dict[str, float]:
    declaration = task.declaration
    endless, scores, started = 0, 0.0, time.perf_counter()
    for row in chosen_rows:
        inputs = inputs_from_json(
            declaration, {parameter.name: row[parameter.name] for parameter in declaration.parameters}
        )
        reference = declaration.answer.decode(row["answer"], call_context(declaration, inputs))
        try:
            scores += declaration.answer.score(task(**inputs), reference)
        except AnswerTooLong:
            endless += 1
    return {
        "rows": len(chosen_rows),
        "endless": endless,
        "mean_score": round(scores / len(chosen_rows), 3),
        "seconds_per_row": round((time.perf_counter() - started) / len(chosen_rows), 2),
    }


def main() -> None:
    counts = [int(text) for text in sys.argv[1:]] or [10, 40]
    invoices, commands = rows(extract_invoice, "", counts[0]), rows(home_command, ".unseen-sentences", counts[-1])
    figures: dict[str, Any] = {}
    for strategy, patches in STRATEGIES.items():
        with patch.multiple(chat, **patches) if patches else patch.object(chat, "REPEAT_PENALTY", chat.REPEAT_PENALTY):
            scores = {"extract_invoice": evaluate_rows(extract_invoice, invoices)}
            # A command is too short for repetition, so the limit makes no difference.
            figures[strategy] = (
                scores if "limit" in strategy else {**scores, "home_command": evaluate_rows(home_command, commands)}
            )
    report("repetition", figures)


if __name__ == "__main__":
    main()
