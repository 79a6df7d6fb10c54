"""The rows of examples and of answers as `plait fsck` sees them: JSON, files, and rows that are out of use."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Column, Connection, Select, Table, select, union, update

from plait.storage.tables import answer_files, answers, example_files, examples, files


@dataclass(frozen=True)
class CheckedRows:
    """A table of rows in JSON and the table of their files. `owner` is the column that names the row of a file."""

    noun: str
    table: Table
    text: Column[str]
    links: Table
    owner: Column[Any]

    @property
    def needed_files(self) -> Select[str, int]:
        """Digest and size of the files of all rows in use."""
        joined = files.join(self.links).join(self.table)
        return select(files.c.sha256, files.c.size).select_from(joined).where(self.table.c.quarantine.is_(None))

    def quarantine_users(self, connection: Connection, sha256: str, reason: str) -> str:
        """Takes the rows of a file out of use."""
        users = connection.scalars(select(self.owner).where(self.links.c.sha256 == sha256))
        return self.quarantine(connection, list(users), reason)

    def quarantine(self, connection: Connection, ids: list[Any], reason: str) -> str:
        """Takes rows out of use for good, with the reason; says how many were in use, "" if none."""
        in_use = self.table.c.id.in_(ids), self.table.c.quarantine.is_(None)
        count = connection.execute(update(self.table).where(*in_use).values(quarantine=reason)).rowcount
        return f"{count} {self.noun}s taken out" if count else ""


ROWS = (
    CheckedRows("example", examples, examples.c.row, example_files, example_files.c.example_id),
    CheckedRows("answer", answers, answers.c.content, answer_files, answer_files.c.answer_id),
)


def needed_files(connection: Connection) -> list[tuple[str, int]]:
    """Digest and size of every file that a row in use needs."""
    needed = union(*(each.needed_files for each in ROWS)).subquery()
    query = select(needed.c.sha256, needed.c.size).order_by(needed.c.sha256)
    return [(sha256, size) for sha256, size in connection.execute(query)]


def quarantine_users(connection: Connection, sha256: str, reason: str) -> str:
    """Takes every row that needs the file out of use; says how many."""
    return ", ".join(filter(None, (each.quarantine_users(connection, sha256, reason) for each in ROWS)))


def damaged_rows(connection: Connection) -> Iterator[tuple[CheckedRows, Any]]:
    """The rows in use whose text is not a JSON object with an answer, each with its id."""
    for rows in ROWS:
        in_use = rows.table.c.quarantine.is_(None)
        for id, text in connection.execute(select(rows.table.c.id, rows.text).where(in_use)).all():
            if not is_row(text):
                yield rows, id


def is_row(text: str) -> bool:
    try:
        row = json.loads(text)
    except ValueError:
        return False
    return isinstance(row, dict) and "answer" in row
