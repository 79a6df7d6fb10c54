"""The rows of the table of examples: what is added, read and removed of one set, in a transaction of the caller."""

import json
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, Select, and_, func, select, update

from plait.core.errors import InputError
from plait.core.values.json_text import dumps, loads
from plait.core.values.json_value import Json
from plait.storage.attachments import Attachment, attach, detach
from plait.storage.file_rows import add_file, now
from plait.storage.file_store import FileStore
from plait.storage.tables import example_files, examples

EVERYONE = ""  # the author of examples that everyone in the project sees
UNCLAIMED = ""  # the project of examples that were kept for all projects, until one uses them

IS_KEPT = and_(examples.c.removed_at.is_(None), examples.c.quarantine.is_(None))


@dataclass(frozen=True)
class ExampleSet:
    """The examples of an author for one form of a task in one project; None is that of unclaimed rows."""

    project: Path | None
    task: str
    fingerprint: str
    author: str

    @property
    def project_text(self) -> str:
        """The folder as text; names that are not valid UTF-8 are escaped."""
        return UNCLAIMED if self.project is None else os.fsencode(self.project).decode("utf-8", "backslashreplace")


@dataclass(frozen=True)
class StoredExample:
    """A row of the table: its JSON without the attached files."""

    id: int
    row: str

    @property
    def where(self) -> str:
        """Its place in messages."""
        return f"example {self.id}"


def of_form(where: ExampleSet) -> Select[int, str]:
    """The rows of all authors for a form of a task that are neither removed nor in quarantine, the oldest first."""
    return (
        select(examples.c.id, examples.c.row)
        .where(
            examples.c.project == where.project_text,
            examples.c.task == where.task,
            examples.c.fingerprint == where.fingerprint,
            IS_KEPT,
        )
        .order_by(examples.c.id)
    )


def of_set(where: ExampleSet) -> Select[int, str]:
    """Those of one author."""
    return of_form(where).where(examples.c.author == where.author)


def insert(connection: Connection, store: FileStore, where: ExampleSet, row: Json, correction: str) -> int:
    """Adds a row; its pictures lie in the file store, durable, before. Returns the id. Raises SettingsError."""
    rest, attachments = detach(row)
    values = {
        "project": where.project_text, "task": where.task, "fingerprint": where.fingerprint, "author": where.author,
        "row": dumps(rest), "correction": correction, "created_at": now(),
    }  # fmt: skip
    (id,) = connection.execute(examples.insert().values(values)).inserted_primary_key or (0,)
    for attachment in attachments:
        sha256 = add_file(connection, store, attachment.content)
        link = {"example_id": id, "path": attachment.path_json, "sha256": sha256, "prefix": attachment.prefix}
        connection.execute(example_files.insert().values(link))
    return int(id)


def with_files(connection: Connection, store: FileStore, row: StoredExample) -> Json:
    """The whole row. Raises InputError if one of its files is damaged or missing."""
    links = connection.execute(select(example_files).where(example_files.c.example_id == row.id)).all()
    try:
        attachments = [Attachment(tuple(json.loads(each.path)), each.prefix, store.read(each.sha256)) for each in links]
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else str(error)
        raise InputError(
            f"a picture of {row.where} cannot be read: {reason}", hint="plait fsck --repair takes the example out"
        ) from None
    return attach(loads(row.row.encode(), row.where), attachments)


def rows_of(connection: Connection, where: ExampleSet, after: int = 0) -> list[StoredExample]:
    """The rows of a set with a higher id than `after`, the oldest first."""
    return [StoredExample(id, row) for id, row in connection.execute(of_set(where).where(examples.c.id > after))]


def rows_of_all_authors(connection: Connection, where: ExampleSet) -> list[StoredExample]:
    """The rows of a set, and those of the same form of the task by other authors, the oldest first."""
    return [StoredExample(id, row) for id, row in connection.execute(of_form(where))]


def earlier_rows(connection: Connection, where: ExampleSet, authors: Sequence[str]) -> list[StoredExample]:
    """The rows of these authors for other forms of the task in this project, the oldest first."""
    query = (
        select(examples.c.id, examples.c.row)
        .where(
            examples.c.project == where.project_text,
            examples.c.task == where.task,
            examples.c.fingerprint != where.fingerprint,
            examples.c.author.in_(authors),
            IS_KEPT,
        )
        .order_by(examples.c.id)
    )
    return [StoredExample(id, row) for id, row in connection.execute(query)]


def size_of(connection: Connection, where: ExampleSet) -> tuple[int, int]:
    """The number of rows of a set, and the highest id."""
    rows = of_set(where).order_by(None).subquery()
    count, last = connection.execute(
        select(func.count(), func.coalesce(func.max(rows.c.id), 0)).select_from(rows)
    ).one()
    return int(count), int(last)


def present_ids(connection: Connection, ids: Sequence[int]) -> set[int]:
    """Those of the ids whose example was not removed."""
    query = select(examples.c.id).where(examples.c.id.in_(ids), examples.c.removed_at.is_(None))
    return set(connection.scalars(query))


def mark_removed(connection: Connection, id: int) -> bool:
    """Removes a row; whether it was there. It and its files stay for a week."""
    is_there = examples.c.removed_at.is_(None)
    result = connection.execute(update(examples).where(examples.c.id == id, is_there).values(removed_at=now()))
    return result.rowcount == 1


def claim(connection: Connection, where: ExampleSet) -> None:
    """Gives the rows that earlier versions kept for all projects to the first project that uses this form."""
    is_unclaimed = and_(
        examples.c.project == UNCLAIMED, examples.c.task == where.task, examples.c.fingerprint == where.fingerprint
    )
    connection.execute(update(examples).where(is_unclaimed).values(project=where.project_text))
