"""Backups of the data folder: a copy of the database by its rows, and the files, in one tar file.

Each backup is read again and compared before it gets its name.
"""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Connection

from plait.core.errors import SettingsError
from plait.core.values.durable_files import make_private_folder, sync_folder
from plait.storage import DATABASE_FILE
from plait.storage.archive import Manifest, Report, Scope, read_backup, write_tar
from plait.storage.database import Database, database_at
from plait.storage.migrations import upgrade
from plait.storage.row_copy import copy_rows, digests
from plait.storage.schema import schema_version

BACKUPS = "backups"
MODELS = "models"
# Caches, journals of interrupted runs, notes of running servers, and the database itself, which is copied by its rows.
EXCLUDED = ("runs", "search", "up", BACKUPS, DATABASE_FILE, f"{DATABASE_FILE}-wal", f"{DATABASE_FILE}-shm")


def back_up(database: Database, target: Path, *, models: bool = False, report: Report = lambda *_: None) -> Manifest:
    """Writes a backup of the data folder, without downloaded models unless `models`. Raises SettingsError."""
    return write_backup(database, target, "all", list(data_files(database.data, models=models)), report)


def back_up_database(database: Database, name: str) -> Path:
    """A backup of the rows alone, in the folder of backups, as before a migration. Raises SettingsError."""
    folder = database.data / BACKUPS
    stem = f"{time.strftime('%Y-%m-%d-%H%M%S', time.gmtime())}-{name}"
    names = (folder / f"{stem}{f'-{number}' * (number > 1)}.tar" for number in range(1, 10_000))
    try:
        make_private_folder(folder)
    except OSError as error:
        raise unwritable_error(folder, error) from None
    target = next(each for each in names if not each.exists())
    write_backup(database, target, "database", [], lambda *_: None)
    return target


def write_backup(database: Database, target: Path, scope: Scope, paths: list[Path], report: Report) -> Manifest:
    """Raises SettingsError if the target exists, or cannot be written."""
    if target.exists():
        raise SettingsError(f"{target} exists already", hint="name another file for the backup")
    unfinished = target.with_name(f".{target.name}.unfinished")
    try:
        with TemporaryDirectory(dir=target.parent, prefix=".plait-backup-") as folder:
            copy, schema = copy_database(database, Path(folder) / DATABASE_FILE)
            named = {DATABASE_FILE: copy} if copy else {}
            named |= {each.relative_to(database.data).as_posix(): each for each in paths}
            manifest = write_tar(unfinished, scope, schema, named, report)
        read_backup(unfinished, None)
        os.chmod(unfinished, 0o600)
        os.replace(unfinished, target)
        sync_folder(target.parent)
    except OSError as error:
        raise unwritable_error(target, error) from None
    finally:
        unfinished.unlink(missing_ok=True)
    return manifest


def data_files(data: Path, *, models: bool) -> Iterator[Path]:
    """The files of the data folder that a backup takes, in the order of their names."""
    excluded = {*EXCLUDED, *([] if models else [MODELS])}
    for path in sorted(data.rglob("*")):
        first = path.relative_to(data).parts[0]
        if first not in excluded and path.is_file() and not path.is_symlink() and not path.name.endswith(".unfinished"):
            yield path


def copy_database(database: Database, target: Path) -> tuple[Path | None, str]:
    """A database of SQLite with the same rows, compared with the source, and its schema; (None, "") without tables."""
    if not database.exists:
        return None, ""
    copy = database_at("", target.parent)
    with database.snapshot() as source:
        schema = schema_version(source)
        if not schema:
            return None, ""
        with copy.write() as connection:
            fill(source, connection)
    copy.close()
    return target, schema


def fill(source: Connection, target: Connection) -> None:
    """Makes the tables of the source, copies the rows and compares them. Raises SettingsError."""
    upgrade(target, schema_version(source))
    copy_rows(source, target)
    if digests(target) != digests(source):
        raise SettingsError("the copy of the database does not have its rows", hint="plait fsck, then try again")


def unwritable_error(target: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"the backup {target} cannot be written: {error.strerror}", hint="free some space, or name another folder"
    )
