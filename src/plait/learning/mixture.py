"""Rows of many tasks, to adapt a model to any typed task: `tasks.py` in a folder declares them, `rows.jsonl` has rows.

A row is `{"task": NAME, "inputs": {...}, "answer": ...}`; other columns are the author's own. The adapter is judged by
another such folder, whose tasks are none of those that it learns.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.rows import numbered_lines
from plait.core.prompting.example_rows import Example, example_from_json
from plait.core.suggestions import did_you_mean
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import loads
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote
from plait.learning.held_out import HeldOutRow
from plait.learning.regression import TASK_COLUMN, TaskRows, general_set
from plait.learning.training_rows import Tell, TrainingRow, check_row_sizes, consistent
from plait.service.catalog import tasks_in
from plait.service.models.adapter_scope import is_typed
from plait.service.task_module import import_file

TASKS_FILE, ROWS_FILE = "tasks.py", "rows.jsonl"
FOLDER_HINT = "python recipes/data/typed_mixture.py --training FOLDER writes such a folder"
ROW_HINT = f'a row is {{"task": "NAME", "inputs": {{}}, "answer": null}}, and {TASKS_FILE} has the function NAME'
TaskLines = Mapping[str, Sequence[TrainingRow]]


@dataclass(frozen=True)
class TaskExamples:
    """Examples of a task to learn from."""

    declaration: Declaration
    examples: tuple[Example, ...]


@dataclass(frozen=True)
class TaskMixture:
    """Examples of many tasks, and held-out rows of others; `source` says where these come from."""

    learned: tuple[TaskExamples, ...]
    held_out: tuple[TaskRows, ...]
    source: str


def read_mixture(folder: Path, evaluation: Path | None, installed: Sequence[Declaration], tell: Tell) -> TaskMixture:
    """The mixture in a folder, to be judged by another one, otherwise by the seeds of the installed tasks.

    Raises InputError with the line at fault, and for a task that is in both.
    """
    learned = learned_examples(folder, tell)
    names = {each.declaration.name for each in learned}
    if evaluation is None:
        typed = [each for each in installed if is_typed(each)]
        return TaskMixture(learned, tuple(general_set(typed, names)), "seeds of installed tasks")
    held_out = held_out_rows(evaluation)
    check_apart(learned, held_out, evaluation)
    return TaskMixture(learned, held_out, str(evaluation))


def learned_examples(folder: Path, tell: Tell) -> tuple[TaskExamples, ...]:
    """The examples of the tasks that have any; inputs with several answers are left out, and named."""
    declarations = declared_tasks(folder)
    rows = rows_by_task(folder, declarations, needs_quotes=True)
    found = ((declarations[name], consistent(declarations[name], rows[name], tell)) for name in rows)
    return tuple(TaskExamples(declaration, tuple(examples)) for declaration, examples in found if examples)


def held_out_rows(folder: Path) -> tuple[TaskRows, ...]:
    declarations = declared_tasks(folder)
    rows = rows_by_task(folder, declarations, needs_quotes=False)
    return tuple(
        TaskRows(declarations[name], tuple(HeldOutRow(row.where, row.example, {TASK_COLUMN: name}) for row in of_task))
        for name, of_task in rows.items()
    )


def check_apart(learned: Sequence[TaskExamples], held_out: Sequence[TaskRows], folder: Path) -> None:
    """Raises InputError for a task, under whatever name, that is learned and judged by."""
    forms = {each.declaration.fingerprint: each.declaration.name for each in learned}
    for each in held_out:
        if each.declaration.fingerprint in forms:
            raise InputError(
                f"{each.declaration.name} of {folder} is learned too, as {forms[each.declaration.fingerprint]}: it "
                "says nothing about tasks that were not",
                hint=f"delete it from {folder / TASKS_FILE} and {folder / ROWS_FILE}",
            )


# ── the files of a folder ──


def declared_tasks(folder: Path) -> dict[str, Declaration]:
    """The tasks of a folder, by name. Raises InputError without any, or for one whose answers are not typed."""
    for file in (folder / TASKS_FILE, folder / ROWS_FILE):
        if not file.is_file():
            raise InputError(f"{folder} has no {file.name}", hint=FOLDER_HINT)
    declarations = {each.declaration.name: each.declaration for each in tasks_in(import_file(folder / TASKS_FILE))}
    if not declarations:
        raise InputError(f"{folder / TASKS_FILE} declares no tasks", hint=FOLDER_HINT)
    for name, declaration in declarations.items():
        if not is_typed(declaration):
            what = "has pictures" if declaration.has_images else "answers with free text"
            raise InputError(
                f"{name} of {folder / TASKS_FILE} {what}, so an adapter for typed tasks never answers it",
                hint=f"delete it, and its rows from {folder / ROWS_FILE}",
            )
    return declarations


def rows_by_task(folder: Path, declarations: Mapping[str, Declaration], *, needs_quotes: bool) -> TaskLines:
    """The rows of a folder, by the names of their tasks. Raises InputError with the line at fault."""
    file, found = folder / ROWS_FILE, dict[str, list[TrainingRow]]()
    check_row_sizes(file)
    for number, line in numbered_lines(file):
        where = f"{file}:{number}"
        name, columns = row_of_line(loads(line, where), declarations, where)
        example = example_from_json(declarations[name], columns, where, needs_quotes=needs_quotes)
        found.setdefault(name, []).append(TrainingRow(where, example))
    if not found:
        raise InputError(f"{file} has no rows", hint=ROW_HINT)
    return found


def row_of_line(row: Json, tasks: Collection[str], where: str) -> tuple[str, dict[str, Json]]:
    """The task of a row, and its inputs and answer as columns. Raises InputError."""
    name = row.get("task") if isinstance(row, dict) else None
    inputs = row.get("inputs") if isinstance(row, dict) else None
    if not isinstance(row, dict) or not isinstance(name, str) or not isinstance(inputs, dict):
        raise InputError(f"{where} is no row of a task", hint=ROW_HINT)
    if name not in tasks:
        raise InputError(
            f"{where} is a row of {quote(name)}, and {TASKS_FILE} declares no such task",
            hint=did_you_mean(name, tasks, ROW_HINT),
        )
    return name, dict(inputs) | dict(answer_column(row))


def answer_column(row: Mapping[str, Json]) -> Iterator[tuple[str, Json]]:
    """The answer of a row, if it has one: null is an answer too."""
    if "answer" in row:
        yield "answer", row["answer"]
