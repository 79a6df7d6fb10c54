"""What to write where a task has no rows to be scored on: the right file, with an example row of its own types."""

import shlex
from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.rows import is_table
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import input_placeholder, is_built_in
from plait.core.task.source import relative_path
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.service.catalog import AnyTask


def no_held_out_rows(task: AnyTask, address: str) -> InputError:
    """The error for a task without held-out rows. Those of a task of your own lie beside its file."""
    message = f"{address} has no held-out rows"
    if not is_built_in(task.declaration):
        return missing_rows(task.declaration, address, Path(relative_path(str(task.examples.held_out_file))), message)
    if task.declaration.answer.media:
        hint = f"score it on generated questions: plait evaluate {address} --suite unified"
        return InputError(f"{message}: a row cannot hold an {task.declaration.answer.name}", hint=hint)
    return missing_rows(task.declaration, address, Path(f"{task.declaration.name}.jsonl"), message, with_flag=True)


def missing_rows(
    declaration: Declaration, address: str, file: Path, message: str, *, with_flag: bool = False
) -> InputError:
    """The error with two commands that can be run as they are: write a row, score the task on it."""
    file = file.with_suffix(".jsonl") if is_table(file) else file
    folder = "" if file.parent.is_dir() else f"mkdir -p {shlex.quote(str(file.parent))} && "
    write = f"{folder}printf '%s\\n' {shlex.quote(dumps(example_row(declaration)))} >> {shlex.quote(str(file))}"
    flag = f" --data {shlex.quote(str(file))}" if with_flag else ""
    return InputError(
        message,
        hint=f"write rows with right answers to {file}, one per line, such as this one:\n"
        f"{write}\nplait evaluate {shlex.quote(address)}{flag}",
    )


def example_row(declaration: Declaration) -> dict[str, Json]:
    """A row that the task's types accept; its values are to be replaced."""
    inputs = {each.name: input_placeholder(declaration, each) for each in declaration.parameters if each.required}
    return {**inputs, "answer": declaration.answer.placeholder()}
