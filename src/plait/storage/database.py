"""Connections to the database: SQLite in the data folder, or PostgreSQL by the setting `database`.

A write transaction excludes all others, also those of other processes, and is durable when it has ended.
"""

import os
import sqlite3
from collections.abc import Generator, Hashable
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from threading import Lock
from typing import Any, cast

from sqlalchemy import URL, Connection, Engine, PoolProxiedConnection, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DisconnectionError

from plait.core.config import settings
from plait.core.errors import MissingDependency, SettingsError
from plait.core.values.durable_files import make_private_folder
from plait.storage import DATABASE_FILE
from plait.storage.driver_errors import storage_errors
from plait.storage.file_store import FileStore

LOCK_TIMEOUT = 10.0  # seconds that a transaction waits for the one of another process
CONNECT_TIMEOUT = 10  # seconds, PostgreSQL
SCHEMA = "plait"  # the schema of PostgreSQL that holds our tables
WRITE_LOCK = 0x706C616974  # the advisory lock of PostgreSQL that a write transaction holds; "plait" in ASCII
WRITING = "plait_writing"
INODE = "plait_inode"
SQLITE = "sqlite"


@dataclass(frozen=True)
class Database:
    """A database and the folder of its files. `url` is of SQLAlchemy; `data` is the data folder."""

    url: URL
    data: Path

    @cached_property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == SQLITE

    @cached_property
    def file(self) -> Path:
        """The file of SQLite. Raises ValueError for another database."""
        if not self.is_sqlite or not self.url.database:
            raise ValueError(f"{self.name} is not a file")
        return Path(self.url.database)

    @property
    def inode(self) -> int:
        """Tells one file of SQLite from another that replaced it; 0 if there is none, as for another database."""
        try:
            return os.stat(self.file).st_ino if self.is_sqlite else 0
        except (FileNotFoundError, NotADirectoryError):
            return 0

    @property
    def name(self) -> str:
        """The database for people: its file, or its address without a password."""
        return str(self.url.database) if self.is_sqlite else self.url.render_as_string(hide_password=True)

    @property
    def exists(self) -> bool:
        """Whether there may be something to read; a database of SQLite is created by the first write."""
        return not self.is_sqlite or self.inode != 0

    @property
    def files(self) -> FileStore:
        return FileStore(self.data / "files")

    @cached_property
    def engine(self) -> Engine:
        return sqlite_engine(self) if self.is_sqlite else postgresql_engine(self.url)

    @contextmanager
    def read(self) -> Generator[Connection, None, None]:
        """A transaction that changes nothing. Raises SettingsError."""
        with storage_errors(self.name), self.engine.begin() as connection:
            yield connection

    @contextmanager
    def snapshot(self) -> Generator[Connection, None, None]:
        """A transaction that sees the database as it is now, however long it takes. Raises SettingsError."""
        options = {} if self.is_sqlite else {"isolation_level": "REPEATABLE READ"}
        with storage_errors(self.name), self.engine.execution_options(**options).begin() as connection:
            yield connection

    @contextmanager
    def write(self) -> Generator[Connection, None, None]:
        """The only write transaction of all processes; committed, and durable, unless an error leaves it.

        Raises SettingsError.
        """
        prepare_folder(self)
        with storage_errors(self.name), self.engine.execution_options(**{WRITING: True}).begin() as connection:
            if not self.is_sqlite:
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITE_LOCK})
            elif connection.connection.info[INODE] != self.inode:
                raise SettingsError(f"the database {self.name} was replaced at this moment", hint="try again")
            yield connection

    @cached_property
    def observer(self) -> "Observer":
        return Observer(self)

    def close(self) -> None:
        if "observer" in self.__dict__:
            self.observer.close()
        if "engine" in self.__dict__:
            self.engine.dispose()


class Observer:
    """Notices that a transaction of any process has changed the database, in 10 microseconds with SQLite."""

    def __init__(self, database: Database) -> None:
        self.database, self.lock = database, Lock()
        self.connection: PoolProxiedConnection | None = None

    def stamp(self) -> Hashable:
        """Equal stamps: nothing has changed. Where that is not known, as of PostgreSQL, none is equal to another.

        Raises SettingsError.
        """
        if not self.database.is_sqlite:
            return object()
        with self.lock, storage_errors(self.database.name):
            if self.connection is not None and self.connection.info[INODE] != self.database.inode:
                self.connection.invalidate()
                self.connection = None
            if self.connection is None:
                self.connection = self.database.engine.raw_connection()
            driver = cast("sqlite3.Connection", self.connection.driver_connection)
            return self.connection.info[INODE], driver.execute("PRAGMA data_version").fetchone()[0]

    def close(self) -> None:
        if self.connection is not None:
            self.connection.close()


def prepare_folder(database: Database) -> None:
    """Creates what is missing of data folder and file, readable by their owner alone. Raises SettingsError."""
    try:
        if not database.data.is_dir():
            make_private_folder(database.data)
        if database.is_sqlite and not database.exists:
            os.close(os.open(database.file, os.O_RDWR | os.O_CREAT, 0o600))
    except OSError as error:
        raise SettingsError(
            f"the database cannot be created in {database.data}: {error.strerror}",
            hint="set PLAIT_DATA to a writable folder",
        ) from None


def sqlite_engine(database: Database) -> Engine:
    engine = create_engine(database.url, connect_args={"timeout": LOCK_TIMEOUT, "check_same_thread": False})

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        # The driver begins no transactions; we begin them, since it would do so too late to exclude others.
        connection.isolation_level = None
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON"):
            connection.execute(f"PRAGMA {pragma}").close()
        record.info[INODE] = database.inode

    @event.listens_for(engine, "checkout")
    def check(connection: Any, record: Any, proxy: Any) -> None:
        # `plait restore` puts another file there; a row written to the old one would be lost.
        if record.info[INODE] != database.inode:
            raise DisconnectionError

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        is_writing = connection.get_execution_options().get(WRITING, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if is_writing else "BEGIN")

    return engine


def postgresql_engine(url: URL) -> Engine:
    """Raises MissingDependency without a driver."""
    try:
        return create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"connect_timeout": CONNECT_TIMEOUT, "options": f"-c search_path={SCHEMA}"},
        )
    except ModuleNotFoundError as error:
        raise MissingDependency(
            f"PostgreSQL needs the package {error.name}", hint="pip install -e '.[postgresql]'"
        ) from None


# ── which one ──


def current_database() -> Database:
    """The database of the current settings, not opened yet. Raises SettingsError."""
    config = settings()
    return database_at(config.database, config.data)


@lru_cache(maxsize=8)
def database_at(address: str, data: Path) -> Database:
    """The database of an address, "" for the file in the data folder. Raises SettingsError for another one."""
    if not address:
        return Database(URL.create(SQLITE, database=os.path.abspath(data / DATABASE_FILE)), data)
    try:
        url = make_url(address)
    except ArgumentError:
        raise address_error("the setting database is not an address") from None
    if url.get_backend_name() != "postgresql":
        raise address_error(f"the setting database names {url.get_backend_name()}")
    return Database(url.set(drivername="postgresql+psycopg"), data)


def address_error(message: str) -> SettingsError:
    return SettingsError(
        message,
        hint='write database = "postgresql://user:password@host/name", or leave it out for SQLite in the data folder',
    )


# A connection must not be used by two processes.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=database_at.cache_clear)
