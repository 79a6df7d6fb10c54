"""The rows that belong to a person: recorded answers, the examples that were made of these, and feedback."""

import sqlite3
from collections.abc import Collection
from contextlib import closing
from dataclasses import dataclass
from typing import cast

from sqlalchemy import Connection, delete, func, or_, select

from plait.storage.answer_table import delete_answers, overwrite_deleted
from plait.storage.database import Database
from plait.storage.file_rows import KEEP_REMOVED, now, remove_unused
from plait.storage.schema import has_tables, writing
from plait.storage.tables import answers, example_files, examples, feedback, files


@dataclass(frozen=True)
class PersonRows:
    """What a person left: numbers of answers and of rows of feedback, ids of examples made of answers, and of these."""

    answers: int = 0
    feedback: int = 0
    example_ids: tuple[int, ...] = ()
    answer_ids: tuple[str, ...] = ()

    @property
    def taught_ids(self) -> frozenset[str]:
        """The ids under which manifests name what models learned of it."""
        return frozenset((*map(str, self.example_ids), *self.answer_ids))

    @property
    def is_empty(self) -> bool:
        return not (self.answers or self.feedback or self.example_ids)


def person_rows(database: Database, person: str) -> PersonRows:
    """What is kept of a person, in all projects. Raises SettingsError."""
    if not has_tables(database):
        return PersonRows()
    with database.read() as connection:
        return counted_rows(connection, person)


def counted_rows(connection: Connection, person: str) -> PersonRows:
    own = select(answers.c.id).where(answers.c.person == person)
    said = or_(feedback.c.person == person, feedback.c.answer_id.in_(own))
    answer_ids = tuple(connection.scalars(own.order_by(answers.c.id)))
    return PersonRows(
        len(answer_ids),
        connection.scalar(select(func.count()).select_from(feedback).where(said)) or 0,
        tuple(connection.scalars(select(examples.c.id).where(examples.c.correction.in_(own)).order_by(examples.c.id))),
        answer_ids,
    )


def delete_person(database: Database, person: str) -> PersonRows:
    """Deletes what is kept of a person for good, with the files that nothing else needs; says what that was.

    SQLite overwrites the deleted rows. Backups keep them. Raises SettingsError.
    """
    with writing(database) as connection:
        overwrite_deleted(connection)
        found = counted_rows(connection, person)
        delete_examples(connection, database, found.example_ids)
        connection.execute(delete(feedback).where(feedback.c.person == person))
        delete_answers(connection, database.files, answers.c.person == person)
    if database.is_sqlite:
        empty_log(database)
    return found


def delete_examples(connection: Connection, database: Database, ids: Collection[int]) -> None:
    used = select(example_files.c.sha256).where(example_files.c.example_id.in_(ids))
    digests = set(connection.scalars(used))
    connection.execute(delete(example_files).where(example_files.c.example_id.in_(ids)))
    connection.execute(delete(examples).where(examples.c.id.in_(ids)))
    remove_unused(connection, database.files, now() - KEEP_REMOVED, files.c.sha256.in_(digests))


def empty_log(database: Database) -> None:
    """Writes the pages of SQLite's log back and empties it: it still has the rows. A reader may hold up a part."""
    with closing(database.engine.raw_connection()) as connection:
        cast("sqlite3.Connection", connection.driver_connection).execute("PRAGMA wal_checkpoint(TRUNCATE)").close()
