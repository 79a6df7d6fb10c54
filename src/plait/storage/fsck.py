"""Checks the data folder: the database, every file that it names, files that nobody names, and permissions.

A repair moves what is damaged into quarantine; nothing is deleted.
"""

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection, case, select, text, update

from plait.core.errors import SettingsError
from plait.storage.checked_rows import damaged_rows, needed_files, quarantine_users
from plait.storage.database import Database
from plait.storage.driver_errors import DatabaseDamaged
from plait.storage.model_table import BASE
from plait.storage.schema import has_tables, writing
from plait.storage.tables import aliases, files, model_versions

QUARANTINE = "quarantine"
SETTLE_SECONDS = 3_600.0  # a file without a row may belong to a write that has not ended


@dataclass(frozen=True)
class StorageFault:
    """One fault: the thing at fault, what is wrong with it, and what a repair did, "" if nothing."""

    subject: str
    fault: str
    repair: str = ""

    def __str__(self) -> str:
        return f"{self.subject} {self.fault}{f': {self.repair}' if self.repair else ''}"


def check(database: Database, *, repair: bool = False) -> list[StorageFault]:
    """All faults; `repair` repairs those that can be. Raises SettingsError if the database does not answer."""
    found = list(permission_findings(database, repair))
    try:
        if not has_tables(database):
            return found
        with database.read() as connection:
            found += integrity_findings(connection)
    except DatabaseDamaged as error:
        found.append(StorageFault("the database", f"is damaged: {error.details[0]}"))
    if any(not each.repair for each in found if each.subject == "the database"):
        return found  # its rows cannot be trusted to say which files are needed
    if repair:
        with writing(database) as connection:
            return found + list(content_findings(connection, database, repair=True))
    with database.read() as connection:
        return found + list(content_findings(connection, database, repair=False))


def permission_findings(database: Database, repair: bool) -> Iterator[StorageFault]:
    """Others than the owner must not read the data folder, nor the database."""
    wanted = {database.data: 0o700} | ({database.file: 0o600} if database.is_sqlite else {})
    for path, mode in wanted.items():
        if not path.exists() or not (present := path.stat().st_mode & 0o777) & 0o077:
            continue
        done = ""
        if repair:
            path.chmod(mode)
            done = f"now {mode:o}"
        yield StorageFault(str(path), f"can be read by others (mode {present:o})", done)


def integrity_findings(connection: Connection) -> Iterator[StorageFault]:
    """What SQLite says of its own file; PostgreSQL checks its pages as it reads them."""
    if connection.dialect.name != "sqlite":
        return
    for line in connection.execute(text("PRAGMA integrity_check")).scalars():
        if line != "ok":
            yield StorageFault("the database", f"is damaged: {line}")
    for row in connection.execute(text("PRAGMA foreign_key_check")):
        yield StorageFault("the database", f"has a row of {row[0]} that refers to a missing row of {row[2]}")


def content_findings(connection: Connection, database: Database, *, repair: bool) -> Iterator[StorageFault]:
    yield from file_findings(connection, database, repair)
    yield from row_findings(connection, repair)
    yield from version_findings(connection, database, repair)
    yield from alias_findings(connection)
    yield from stray_findings(connection, database, repair)


def file_findings(connection: Connection, database: Database, repair: bool) -> Iterator[StorageFault]:
    """Files that a row needs and that are missing or damaged. A repair takes these rows out of use."""
    for sha256, size in needed_files(connection):
        fault = database.files.fault(sha256, size)
        if not fault:
            continue
        done = ""
        if repair:
            set_file_aside(database, sha256)
            done = quarantine_users(connection, sha256, f"the file {sha256} {fault}")
        yield StorageFault(f"the file {sha256[:12]}", fault, done)


def row_findings(connection: Connection, repair: bool) -> Iterator[StorageFault]:
    """Rows whose text is not a JSON object with an answer."""
    for rows, id in damaged_rows(connection):
        done = rows.quarantine(connection, [id], "the row is damaged") if repair else ""
        yield StorageFault(f"{rows.noun} {id}", "is not a row with an answer", done)


def version_findings(connection: Connection, database: Database, repair: bool) -> Iterator[StorageFault]:
    """Versions of models whose file is missing or damaged. A repair takes them out of use."""
    columns = model_versions.c
    in_use = select(columns.id, columns.name, columns.number, columns.sha256, columns.size).where(
        columns.removed_at.is_(None), columns.quarantine.is_(None)
    )
    for id, name, number, sha256, size in connection.execute(in_use.order_by(columns.id)).all():
        fault = database.files.fault(sha256, size)
        if not fault:
            continue
        done = ""
        if repair:
            set_file_aside(database, sha256)
            reason = f"the file {sha256} {fault}"
            connection.execute(update(model_versions).where(columns.id == id).values(quarantine=reason))
            done = "the version is taken out of use"
        yield StorageFault(f"the file of {name}@{number}", fault, done)


def alias_findings(connection: Connection) -> Iterator[StorageFault]:
    """Aliases that name a version which cannot answer. What they should name instead is a person's decision."""
    versions = model_versions.c
    state = case(
        (versions.id.is_(None), "is not there"),
        (versions.quarantine.is_not(None), "is out of use: its file was damaged or missing"),
        (versions.removed_at.is_not(None), "was removed"),
    )
    query = (
        select(aliases.c.name, aliases.c.number, state)
        .select_from(aliases.outerjoin(model_versions))
        .where(aliases.c.number != BASE, state.is_not(None))
    )
    for name, number, fault in connection.execute(query).all():
        yield StorageFault(
            f"the alias {name}", f"names {name}@{number}, which {fault} (plait models alias {name} VERSION)"
        )


def stray_findings(connection: Connection, database: Database, repair: bool) -> Iterator[StorageFault]:
    """Files that no row names. A young one may belong to a write that has not ended."""
    known = set(connection.scalars(select(files.c.sha256)))
    orphans = [database.files.path(each) for each in database.files.digests() if each not in known]
    for path in [*orphans, *database.files.strays()]:
        if time.time() - path.stat().st_mtime < SETTLE_SECONDS:
            continue
        done = f"moved to {move_aside(path, database.data / QUARANTINE)}" if repair else ""
        yield StorageFault(str(path), "belongs to no row", done)


def set_file_aside(database: Database, sha256: str) -> None:
    if database.files.path(sha256).is_file():
        move_aside(database.files.path(sha256), database.data / QUARANTINE)


def move_aside(path: Path, folder: Path) -> Path:
    folder.mkdir(mode=0o700, exist_ok=True)
    target = folder / (path.parent.name + path.name)
    try:
        os.replace(path, target)
    except OSError as error:
        raise SettingsError(
            f"{path} cannot be moved to {folder}: {error.strerror}", hint="check its permissions"
        ) from None
    return target
