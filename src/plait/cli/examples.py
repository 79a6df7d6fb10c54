"""`plait examples TASK`: list, export and remove the examples added to a task."""

from pathlib import Path

import click

from plait.core.errors import InputError, SettingsError
from plait.core.prompting.example_rows import Example, example_to_json
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import create
from plait.core.values.json_text import dumps
from plait.service.catalog import find_task

LINE_CHARACTERS = 110


@click.command()
@click.argument("task")
@click.option("--export", metavar="FILE", help="Write them to a file of JSON lines.")
@click.option("--remove", metavar="NUMBER", type=int, help="Remove the one with this number in the list.")
def examples(task: str, export: str | None, remove: int | None) -> None:
    """List, export and remove the examples added to a task: those for everyone, and your own corrections.

    `plait correct TASK --rows FILE` adds the rows of an exported file again, also on another machine.
    """
    declaration = find_task(task)[0].declaration
    added = list(Examples(declaration).store)
    if export is not None:
        write_rows(declaration, added[::-1], Path(export))
        click.echo(f"{len(added)} examples written to {export}")
    elif remove is not None:
        example = pick_example(added, remove)
        Examples(declaration).store.remove(example)
        click.echo(f"removed: {summary(declaration, example)}")
    else:
        for number, example in enumerate(added, 1):
            click.echo(f"{number:>4}  {summary(declaration, example)}")
        click.echo(f"{len(added)} examples added to {declaration.name}, the newest first", err=True)


def pick_example(added: list[Example], number: int) -> Example:
    """Raises InputError for a number that is not in the list."""
    if not 1 <= number <= len(added):
        raise InputError(f"--remove {number}: there are {len(added)} examples", hint="plait examples TASK lists them")
    return added[number - 1]


def summary(declaration: Declaration, example: Example) -> str:
    """The row on one line, cut to the width of a terminal."""
    row = example_to_json(declaration, example)
    text = f"{dumps(row.pop('answer'))}  <-  {dumps(row)}"
    return text if len(text) <= LINE_CHARACTERS else f"{text[: LINE_CHARACTERS - 1]}…"


def write_rows(declaration: Declaration, added: list[Example], file: Path) -> None:
    """Writes the rows, the oldest first, each with its inputs and answer. Raises SettingsError."""
    lines = [f"{dumps(example_to_json(declaration, example))}\n" for example in added]
    try:
        create(file, "".join(lines).encode())
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be written: {error.strerror}", hint="name a file in a writable folder"
        ) from None
