"""Takes over the examples that earlier versions kept in files of JSON lines, or that somebody puts there.

    examples/PROJECT/TASK-FINGERPRINT.jsonl                    the examples for everyone in a project
    examples/PROJECT/authors/AUTHOR/TASK-FINGERPRINT.jsonl     those that their author alone sees
    examples/TASK.jsonl, examples/unclaimed/...                those of all projects, until version 0.1

A file is read when its task is used. Its rows are committed, compared and only then the file is renamed to *.imported:
killed anywhere, the import begins anew, adds what is missing, and loses nothing.
"""

import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Connection

from plait.core.errors import SettingsError
from plait.core.prompting.example_rows import CORRECTION_COLUMN, FINGERPRINT_COLUMN, fitting_example
from plait.core.prompting.project import project_key
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import sync_folder
from plait.core.values.inputs import embed_row_files
from plait.core.values.json_text import dumps, loads
from plait.core.values.json_value import Json
from plait.storage.attachments import detach
from plait.storage.database import Database
from plait.storage.example_table import ExampleSet, claim, insert, rows_of, size_of
from plait.storage.schema import has_tables, writing

IMPORTED = ".imported"
NO_PROJECT = None  # the set of rows that no project has claimed


@dataclass(frozen=True)
class ImportRow:
    """A row of a file, and the set it belongs to."""

    examples: ExampleSet
    row: Json

    @property
    def text(self) -> str:
        """What the table holds, which tells rows apart."""
        return dumps(detach(self.row)[0])


def import_files(database: Database, declaration: Declaration, everyones: ExampleSet, author: str) -> None:
    """Imports the files of this task that are there. Costs a few lookups if there are none.

    Raises SettingsError, InputError for a row that is no example of the task, which stays in its file.
    """
    claim_rows(database, everyones)
    folder = os.path.join(database.data, "examples")
    if not os.path.isdir(folder):
        return
    file_name = f"{everyones.task}-{everyones.fingerprint}.jsonl"
    project = os.path.join(folder, project_key(everyones.project))
    sources = (
        (os.path.join(folder, f"{everyones.task}.jsonl"), everyones),
        (os.path.join(folder, "unclaimed", file_name), everyones),
        (os.path.join(project, file_name), everyones),
        (os.path.join(project, "authors", author, file_name), replace(everyones, author=author)),
    )
    for path, examples in sources:
        if os.path.exists(path):
            import_file(database, declaration, examples, Path(path))


@lru_cache(maxsize=1_000)
def claim_rows(database: Database, everyones: ExampleSet) -> None:
    """Claims the rows of this form that were kept for all projects, at its first use in a process."""
    unclaimed = replace(everyones, project=NO_PROJECT)
    if not has_tables(database):
        return
    with database.read() as connection:
        count, _ = size_of(connection, unclaimed)
    if count:
        with writing(database) as connection:
            claim(connection, everyones)


def import_file(database: Database, declaration: Declaration, examples: ExampleSet, file: Path) -> None:
    rows = list(read_rows(declaration, examples, file))
    with writing(database) as connection:
        for row in missing_rows(connection, rows):
            correction = row.row.get(CORRECTION_COLUMN, "") if isinstance(row.row, dict) else ""
            insert(connection, database.files, row.examples, row.row, str(correction))
        claim(connection, examples)
        if missing_rows(connection, [replace(row, examples=examples) for row in rows if is_own(row, examples)]):
            raise SettingsError(
                f"the examples of {file} were not all imported", hint="the file is unchanged: try again"
            )
    try:
        os.replace(file, free_name(file))
        sync_folder(file.parent)
    except OSError as error:
        raise SettingsError(
            f"{file} was imported and cannot be renamed: {error.strerror}", hint=f"mv {file} {file}{IMPORTED}"
        ) from None


def read_rows(declaration: Declaration, examples: ExampleSet, file: Path) -> Iterator[ImportRow]:
    """The rows of a file, pictures embedded; those of another form of the task go to no project yet."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            where = f"{file}:{number}"
            row = loads(line, where)
            fingerprint = fingerprint_of(row) or examples.fingerprint
            if fingerprint == examples.fingerprint:
                row = embed_row_files(declaration, row, file.parent)
                fitting_example(declaration, row, where, needs_quotes=True)
                yield ImportRow(examples, row)
            else:
                yield ImportRow(replace(examples, project=NO_PROJECT, fingerprint=fingerprint), row)


def fingerprint_of(row: Json) -> str:
    """The fingerprint that a row names, "" without one; such a row was used by every form of the task."""
    fingerprint = row.get(FINGERPRINT_COLUMN) if isinstance(row, dict) else None
    return fingerprint if isinstance(fingerprint, str) and fingerprint.isalnum() and fingerprint.isascii() else ""


def is_own(row: ImportRow, examples: ExampleSet) -> bool:
    return row.examples.fingerprint == examples.fingerprint


def missing_rows(connection: Connection, rows: list[ImportRow]) -> list[ImportRow]:
    """The rows that the database lacks; one that occurs twice in the file is there twice."""
    present = {each: Counter(row.row for row in rows_of(connection, each)) for each in {row.examples for row in rows}}
    missing: list[ImportRow] = []
    for row in rows:
        if present[row.examples][row.text]:
            present[row.examples][row.text] -= 1
        else:
            missing.append(row)
    return missing


def free_name(file: Path) -> Path:
    """`shout.jsonl.imported`, or the next one that does not exist."""
    names = (file.with_name(f"{file.name}{IMPORTED}{f'-{number}' * (number > 1)}") for number in range(1, 10_000))
    return next(name for name in names if not name.exists())
