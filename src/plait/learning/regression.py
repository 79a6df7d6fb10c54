"""The general set of a version for more than one task: what it must not forget are the other tasks.

A version of one task answers that task alone, so its gate looks at parts of the task's own rows. A version for several
tasks, such as `smollm2-typed`, may answer any. It is compared with its base on rows of tasks that it was not trained
on, each of which is a part for the rule of the gate.
"""

import hashlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass

from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import canonical_json
from plait.learning.held_out import HeldOutRow
from plait.learning.near_inputs import input_texts

TASK_COLUMN = "task"
ROWS_PER_TASK = 40


@dataclass(frozen=True)
class TaskRows:
    """Rows of a task that a version was not trained on."""

    declaration: Declaration
    rows: tuple[HeldOutRow, ...]


def general_set(
    declarations: Iterable[Declaration], scope: Collection[str], count: int = ROWS_PER_TASK
) -> Iterator[TaskRows]:
    """At most `count` seeds of each task outside the scope, the same in every run. Tasks with pictures are left out: a
    decoder of text cannot answer them.
    """
    for declaration in declarations:
        if declaration.name not in scope and not declaration.has_images:
            rows = tuple(
                HeldOutRow(f"{declaration.name} seed {number}", example, {TASK_COLUMN: declaration.name})
                for number, example in enumerate(Examples(declaration).seeds, 1)
            )
            if rows:
                yield TaskRows(declaration, tuple(sorted(rows, key=lambda row: digest(declaration, row))[:count]))


def digest(declaration: Declaration, row: HeldOutRow) -> str:
    """Orders rows by their inputs and by nothing else, so that a new seed moves no other one."""
    texts = canonical_json(list(input_texts(declaration, row.example.inputs)))
    return hashlib.sha256(f"general {texts}".encode()).hexdigest()
