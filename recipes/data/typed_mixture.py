"""Writes a mixture of many small typed tasks: rows to adapt `smollm2-typed` with, and six other kinds to judge it by.

    python recipes/data/typed_mixture.py --training FOLDER [ROWS]
                                        tasks.py declares the tasks, rows.jsonl has their rows: {"task", "kind",
                                        "language", "inputs", "answer"}
    python recipes/data/typed_mixture.py --evaluation FOLDER
                                        the same with the six kinds of typed/held_out_kinds.py, 60 rows each

Needs Plait itself: a row is kept if its task accepts the answer. Documentation: docs/data/typed_mixture.md.
"""

import json
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

from learnable import is_learnable
from recipe_cli import training_request
from typed import choosing, citing, classification, extraction, short_records
from typed.held_out_kinds import HELD_OUT_TASKS
from typed.typed_task import TypedTask, module, renamed

from plait.core.task.declaration import Declaration
from plait.service.catalog import tasks_in
from plait.service.task_module import import_file

ROWS = 12_000  # 1.8 M tokens
EVALUATION_ROWS = 60  # of each kind
# Other names of inputs, which prompts show.
INPUT_NAMES = {
    "page": ("paper", "document", "text", "scan"),
    "note": ("message", "mail", "letter", "text"),
    "notes": ("sources", "passages", "paragraphs"),
    "query": ("question", "asked"),
    "shelf": ("goods", "offers", "articles"),
    "wish": ("customer", "request"),
    "said": ("sentence", "words"),
    "line": ("entry", "report", "remark"),
}
SHARES = {"en": 0.75, "zh": 0.25}
# Makers of tasks, with the number of tasks of each in English; in Chinese there are half as many.
MAKERS = {
    extraction.fields_task: 16,
    extraction.list_task: 6,
    classification.topic_task: 24,
    classification.urgency_task: 6,
    citing.answering_task: 8,
    citing.finding_task: 6,
    citing.knowing_task: 4,
    choosing.object_task: 12,
    choosing.command_task: 8,
    short_records.reading_task: 6,
    short_records.stock_task: 6,
    short_records.duty_task: 6,
}


def training_tasks() -> list[TypedTask]:
    random = Random("typed mixture, tasks")
    return [
        renamed(maker(number, language, random), INPUT_NAMES, random)
        for maker, count in MAKERS.items()
        for language in SHARES
        for number in range(1, (count if language == "en" else count // 2) + 1)
    ]


def rows_of(task: TypedTask, declaration: Declaration, count: int) -> list[dict]:
    """Different rows whose answers the task accepts."""
    random = Random(f"typed mixture, rows of {task.name}")
    found: dict[str, dict] = {}
    for _ in range(60 * count):
        row = task.sample(random)
        if row and is_learnable(declaration, {**row["inputs"], "answer": row["answer"]}):
            named = {"task": task.name, "kind": task.kind, "language": task.language, **row}
            found.setdefault(json.dumps(row["inputs"], ensure_ascii=False), named)
        if len(found) == count:
            break
    return list(found.values())


def write(folder: Path, title: str, tasks: Sequence[TypedTask], count_of: dict[str, int]) -> int:
    """Writes tasks.py and rows.jsonl; returns the number of rows."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tasks.py").write_text(module(title, tasks), "utf-8")
    declared = {each.declaration.name: each.declaration for each in tasks_in(import_file(folder / "tasks.py"))}
    rows = [row for each in tasks for row in rows_of(each, declared[each.name], count_of[each.name])]
    Random(f"typed mixture, order of {title}").shuffle(rows)
    lines = (json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "rows.jsonl").write_text("".join(lines), "utf-8")
    return len(rows)


def main(arguments: list[str]) -> int:
    match arguments:
        case ["--evaluation", folder]:
            counts = {each.name: EVALUATION_ROWS for each in HELD_OUT_TASKS}
            write(Path(folder), "Six kinds of tasks that the mixture lacks.", HELD_OUT_TASKS, counts)
        case _ if request := training_request(arguments):
            tasks = training_tasks()
            of_language = {language: sum(each.language == language for each in tasks) for language in SHARES}
            rows = request.rows or ROWS
            counts = {
                each.name: max(1, round(rows * SHARES[each.language] / of_language[each.language])) for each in tasks
            }
            write(request.path, "The tasks of the typed mixture.", tasks, counts)
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
