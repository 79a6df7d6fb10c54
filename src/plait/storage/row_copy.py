"""Copies all rows of a database into another one, SQLite or PostgreSQL, and tells whether two hold the same rows."""

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, select, text

from plait.storage.schema import VERSION_TABLE

BATCH_ROWS = 500


@dataclass(frozen=True)
class TableDigest:
    """The rows of a table: how many, and the sha256 of all in the order of their keys."""

    rows: int
    sha256: str


def tables_of(connection: Connection) -> list[Table]:
    """The tables with rows, in an order in which each comes after those it refers to."""
    metadata = MetaData()
    metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE.name]


def copy_rows(source: Connection, target: Connection) -> None:
    """Copies every row; the target has the same tables and no rows."""
    for table in tables_of(target):
        for batch in batches(source, table):
            target.execute(table.insert(), batch)
        if target.dialect.name == "postgresql":
            continue_ids(target, table)


def continue_ids(connection: Connection, table: Table) -> None:
    """Makes PostgreSQL count ids on from the highest one, since the copied rows brought theirs along."""
    for column in table.primary_key:
        sequence = connection.scalar(select(func.pg_get_serial_sequence(table.name, column.name)))
        if sequence is not None:
            last = select(func.coalesce(func.max(column), 0) + 1).scalar_subquery()
            connection.execute(select(func.setval(text(f"'{sequence}'"), last, False)))


def batches(connection: Connection, table: Table) -> Iterator[Sequence[dict[str, Any]]]:
    """The rows in the order of their keys, some hundred at a time."""
    query = select(*table.columns).order_by(*table.primary_key).execution_options(yield_per=BATCH_ROWS)
    for rows in connection.execute(query).mappings().partitions():
        yield [dict(row) for row in rows]


def digests(connection: Connection) -> dict[str, TableDigest]:
    """The digest of each table by its name."""
    return {table.name: table_digest(connection, table) for table in tables_of(connection)}


def table_digest(connection: Connection, table: Table) -> TableDigest:
    digest, count = hashlib.sha256(), 0
    names = sorted(column.name for column in table.columns)
    for batch in batches(connection, table):
        count += len(batch)
        for row in batch:
            digest.update(repr([row[name] for name in names]).encode())
    return TableDigest(count, digest.hexdigest())
