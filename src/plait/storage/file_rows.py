"""The rows of the table of files, and the end of what was removed: it stays for a week."""

import time

from sqlalchemy import ColumnElement, Connection, or_, select, union

from plait.core.errors import SettingsError
from plait.storage.file_store import FileStore
from plait.storage.tables import answer_files, example_files, examples, files, model_versions

KEEP_REMOVED = 7 * 86_400 * 1_000_000  # microseconds that a removed row and its files stay


def now() -> int:
    """Microseconds since 1970."""
    return time.time_ns() // 1_000


def add_file(connection: Connection, store: FileStore, content: bytes) -> str:
    """Keeps a file and its row. Raises SettingsError."""
    try:
        sha256 = store.add(content)
    except OSError as error:
        raise SettingsError(
            f"a file cannot be written to {store.folder}: {error.strerror}", hint="free some space, or set PLAIT_DATA"
        ) from None
    if connection.scalar(select(files.c.sha256).where(files.c.sha256 == sha256)) is None:
        connection.execute(files.insert().values(sha256=sha256, size=len(content), created_at=now()))
    return sha256


def purge(connection: Connection, store: FileStore) -> None:
    """Deletes what was removed more than a week ago, and files that nothing has used for as long.

    The row of a removed version of a model stays for good: answers that it gave refer to it.
    """
    before = now() - KEEP_REMOVED
    connection.execute(examples.delete().where(examples.c.removed_at < before))
    remove_unused(connection, store, before, files.c.created_at < before)


def remove_unused(connection: Connection, store: FileStore, before: int, condition: ColumnElement[bool]) -> None:
    """Deletes the files of this condition that nothing uses; a version removed since `before` still uses its own."""
    is_kept = or_(model_versions.c.removed_at.is_(None), model_versions.c.removed_at >= before)
    used = union(
        select(example_files.c.sha256),
        select(answer_files.c.sha256),
        select(model_versions.c.sha256).where(is_kept),
    ).subquery()
    unused = select(files.c.sha256).where(files.c.sha256.not_in(select(used.c.sha256)), condition)
    for sha256 in connection.scalars(unused).all():
        connection.execute(files.delete().where(files.c.sha256 == sha256))
        store.remove(sha256)  # within the write transaction, so that nobody adds the same file meanwhile
