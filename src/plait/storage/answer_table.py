"""The rows of recorded answers: added in groups, read by id, and deleted with the files that nothing else uses."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, select

from plait.core.values.json_text import dumps, parse_json
from plait.core.values.json_value import Json
from plait.storage.attachments import Attachment, attach, detach
from plait.storage.database import Database
from plait.storage.file_rows import KEEP_REMOVED, add_file, now, remove_unused
from plait.storage.file_store import FileStore
from plait.storage.schema import has_tables
from plait.storage.tables import answer_files, answers, feedback, files

DATA_URL = '"data:'  # how a picture begins in JSON; a row without it has none


@dataclass(frozen=True)
class AnswerRow:
    """A recorded answer. `content` is the JSON of answer and inputs; `created_at` is in microseconds since 1970."""

    id: str
    project: str
    task: str
    fingerprint: str
    author: str
    person: str
    model: str
    wording: str
    content: str
    created_at: int


def insert_answers(connection: Connection, store: FileStore, rows: Sequence[AnswerRow]) -> None:
    """Adds the rows that are not there yet; their pictures lie in the file store before. Raises SettingsError."""
    present = set(connection.scalars(select(answers.c.id).where(answers.c.id.in_([row.id for row in rows]))))
    values: list[dict[str, Any]] = []
    links: list[dict[str, Any]] = []
    for row in rows:
        if row.id in present:
            continue
        content, attachments = detached(row.content)
        values.append({**vars(row), "content": content})
        for each in attachments:
            sha256 = add_file(connection, store, each.content)
            links.append({"answer_id": row.id, "path": each.path_json, "sha256": sha256, "prefix": each.prefix})
    if values:
        connection.execute(answers.insert(), values)
    if links:
        connection.execute(answer_files.insert(), links)


def detached(content: str) -> tuple[str, list[Attachment]]:
    if DATA_URL not in content:
        return content, []
    rest, attachments = detach(parse_json(content))
    return dumps(rest), attachments


def find_row(database: Database, id: str) -> AnswerRow | None:
    """The recorded answer of that id with its pictures. Raises SettingsError, OSError, ValueError for a damaged one."""
    if not has_tables(database):
        return None
    with database.read() as connection:
        query = select(answers).where(answers.c.id == id, answers.c.quarantine.is_(None))
        found = connection.execute(query).mappings().one_or_none()
        if found is None:
            return None
        row = AnswerRow(**{name: found[name] for name in AnswerRow.__dataclass_fields__})
        links = connection.execute(select(answer_files).where(answer_files.c.answer_id == id)).all()
    if not links:
        return row
    return AnswerRow(**{**vars(row), "content": dumps(with_pictures(row.content, links, database.files))})


def with_pictures(content: str, links: Iterable[Any], store: FileStore) -> Json:
    """The content of an answer with its files. Raises OSError, ValueError for a missing or damaged one."""
    attachments = (Attachment(tuple(json.loads(each.path)), each.prefix, store.read(each.sha256)) for each in links)
    return attach(parse_json(content), attachments)


# ── deletion ──


def delete_older(connection: Connection, store: FileStore, project: str, before: int) -> int:
    """Deletes the answers of a project from before that time, and what was said about answers; how many answers."""
    overwrite_deleted(connection)
    is_older = feedback.c.project == project, feedback.c.created_at < before
    connection.execute(delete(feedback).where(*is_older))
    return delete_answers(connection, store, (answers.c.project == project) & (answers.c.created_at < before))


def delete_answers(connection: Connection, store: FileStore, condition: ColumnElement[bool]) -> int:
    """Deletes answers for good, with what was said about them and the files that nothing else uses; how many."""
    ids = select(answers.c.id).where(condition)
    used = set(connection.scalars(select(answer_files.c.sha256).where(answer_files.c.answer_id.in_(ids))))
    connection.execute(delete(feedback).where(feedback.c.answer_id.in_(ids)))
    connection.execute(delete(answer_files).where(answer_files.c.answer_id.in_(ids)))
    count = connection.execute(delete(answers).where(condition)).rowcount
    remove_unused(connection, store, now() - KEEP_REMOVED, files.c.sha256.in_(used))
    return count


def overwrite_deleted(connection: Connection) -> None:
    """Makes SQLite overwrite what this connection deletes, so that nobody finds it in the file."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete=ON")
