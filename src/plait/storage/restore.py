"""Takes the data folder, and the database, back from a backup. What was there before is moved aside, never deleted."""

import os
import time
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp

from sqlalchemy import Connection, MetaData

from plait.core.errors import SettingsError
from plait.core.values.durable_files import make_folder, sync_folder
from plait.storage.archive import Manifest, read_backup
from plait.storage.backup import BACKUPS, MODELS, back_up_database, fill
from plait.storage.database import Database, database_at
from plait.storage.migrations import known_versions, upgrade
from plait.storage.schema import schema_version
from plait.storage.schema_update import newer_schema_error

KEPT = (MODELS, BACKUPS)  # what a backup may lack stays where it is


@dataclass(frozen=True)
class RestoreResult:
    """What was restored, and where the former data lie now; "" if there were none."""

    manifest: Manifest
    former: str


def restore(database: Database, file: Path, *, replace: bool = False) -> RestoreResult:
    """Restores a backup that is complete and of a known schema. Raises SettingsError, and then changes nothing.

    Without `replace` the data folder must be empty, and so must the database of PostgreSQL.
    """
    file = file.absolute()
    make_folder(database.data.parent)
    staging = Path(mkdtemp(dir=database.data.parent, prefix=f".{database.data.name}-restore-"))
    try:
        manifest = read_backup(file, staging)
        if manifest.schema and manifest.schema not in known_versions():
            raise newer_schema_error(str(file), manifest.schema)
        check_is_empty(database, manifest, replace)
        copy = database_at("", staging)
        renew(copy)
        return RestoreResult(manifest, put_in_place(database, manifest, copy))
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be restored to {database.data}: {error.strerror}",
            hint="set PLAIT_DATA to a writable folder",
        ) from None
    finally:
        rmtree(staging, ignore_errors=True)


def check_is_empty(database: Database, manifest: Manifest, replace: bool) -> None:
    """Raises SettingsError if there are data, unless they are to be replaced."""
    entries = {each.name for each in database.data.glob("*")} if manifest.scope == "all" else set[str]()
    filled = str(database.data) if entries - set(KEPT) else database.name if has_rows(database) else ""
    if filled and not replace:
        raise SettingsError(f"{filled} is not empty", hint="plait restore FILE --replace moves what is there aside")


def has_rows(database: Database) -> bool:
    if not database.exists:
        return False
    with database.read() as connection:
        return schema_version(connection) != ""


def renew(copy: Database) -> None:
    """Replaces the unpacked database, which comes from elsewhere, by one of ours. Raises SettingsError."""
    if not copy.exists:
        return
    unpacked = Database(copy.url.set(database=str(copy.file.with_name("unpacked.db"))), copy.data)
    os.replace(copy.file, unpacked.file)
    with unpacked.read() as source, copy.write() as target:
        fill(source, target)
    copy.close()
    unpacked.close()
    for file in copy.data.glob("unpacked.db*"):
        file.unlink()


def put_in_place(database: Database, manifest: Manifest, copy: Database) -> str:
    """Puts the restored data in place; returns where the former ones are, "" if there were none."""
    if manifest.scope == "database":
        return replace_rows(database, copy)
    if not database.is_sqlite:
        replace_rows(database, copy)
        copy.file.unlink(missing_ok=True)
        return replace_folder(database.data, copy.data)
    if not database.exists:
        return replace_folder(database.data, copy.data)
    with database.write():  # whoever would write to the former database meanwhile notices that it was replaced
        return replace_folder(database.data, copy.data)


def replace_rows(database: Database, copy: Database) -> str:
    """Replaces all tables in one transaction, which running servers see at once; the former rows are a backup."""
    with database.write() as target:
        former = str(back_up_database(database, "replaced")) if schema_version(target) else ""
        drop_tables(target)
        if copy.exists:
            with copy.read() as source:
                fill(source, target)
                upgrade(target)
    return former


def drop_tables(connection: Connection) -> None:
    metadata = MetaData()
    metadata.reflect(connection)
    metadata.drop_all(connection)


def replace_folder(folder: Path, restored: Path) -> str:
    """Moves the former folder aside, if it has files, and the restored one in. What backups lack stays."""
    aside = folder.with_name(f"{folder.name}-replaced-{time.strftime('%Y%m%d-%H%M%S', time.gmtime())}")
    restored.chmod(0o700)
    if folder.is_dir():
        os.replace(folder, aside)
    os.replace(restored, folder)
    for name in KEPT if aside.is_dir() else ():
        if (aside / name).exists() and not (folder / name).exists():
            os.replace(aside / name, folder / name)
    if aside.is_dir() and not any(aside.iterdir()):
        aside.rmdir()
    sync_folder(folder.parent)
    return str(aside) if aside.is_dir() else ""
