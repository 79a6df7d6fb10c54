"""The schema of a database: creates the tables, and makes sure that they are the newest before they are used."""

from collections.abc import Generator
from contextlib import contextmanager
from functools import lru_cache

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select, text

from plait.storage.database import SCHEMA, Database
from plait.storage.tables import SCHEMA_VERSION, metadata

VERSION_TABLE = Table("alembic_version", MetaData(), Column("version_num", String(32), primary_key=True))


class NoTables(LookupError):
    """The database has no tables yet."""


@contextmanager
def writing(database: Database) -> Generator[Connection, None, None]:
    """A write transaction on the newest schema, which is created in a new database. Raises SettingsError."""
    has_tables(database)
    with database.write() as connection:
        if schema_version(connection) == "":
            create_tables(connection)
        yield connection


def has_tables(database: Database) -> bool:
    """Whether there is something to read, in the newest schema. Raises SettingsError."""
    inode = database.inode
    if database.is_sqlite and not inode:
        return False
    try:
        update_schema(database, inode)
    except NoTables:
        return False
    return True


@lru_cache(maxsize=32)
def update_schema(database: Database, inode: int) -> None:
    """Migrates an older database, once for each file. Raises NoTables, SettingsError for a newer schema."""
    with database.read() as connection:
        version = schema_version(connection)
    if version == "":
        raise NoTables(database.name)
    if version != SCHEMA_VERSION:
        from plait.storage.schema_update import migrate  # loads Alembic, which takes 0.3 seconds

        migrate(database, version)


def schema_version(connection: Connection) -> str:
    """The revision of the tables; "" if there are none."""
    if not inspect(connection).has_table(VERSION_TABLE.name):
        return ""
    return connection.scalar(select(VERSION_TABLE.c.version_num)) or ""


def create_tables(connection: Connection) -> None:
    """The newest schema at once: the migrations lead to the same tables, but load Alembic."""
    if connection.dialect.name == "postgresql":
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    metadata.create_all(connection)
    VERSION_TABLE.create(connection)
    connection.execute(VERSION_TABLE.insert().values(version_num=SCHEMA_VERSION))
