"""Feeds the retrieval over examples from the database: new rows, asked for only after a change."""

from collections.abc import Hashable
from dataclasses import dataclass

from plait.core.prompting.retrieval import StoredRow
from plait.storage.database import Database
from plait.storage.example_table import ExampleSet, rows_of, size_of
from plait.storage.schema import has_tables


@dataclass(frozen=True)
class ExampleSetsSource:
    """Sets of examples in a database, as one source of an index. Rows of later sets count as newer."""

    database: Database
    sets: tuple[ExampleSet, ...]

    def reader(self) -> "ExampleSetsReader":
        return ExampleSetsReader(self.database, self.sets)


class ExampleSetsReader:
    """Some sets, and how much of each was read."""

    def __init__(self, database: Database, sets: tuple[ExampleSet, ...]) -> None:
        self.database, self.sets = database, sets
        self.reset()

    def reset(self) -> None:
        self.stamp: Hashable = None
        self.sizes = [(0, 0) for _ in self.sets]  # of each set: the number of rows, the highest id

    @property
    def count(self) -> int:
        return sum(count for count, _ in self.sizes)

    def read_new(self) -> list[StoredRow] | None:
        """The rows added since the last read; None if one was removed, or added before those of a later set."""
        if not has_tables(self.database):
            return None if self.count else []
        stamp = self.database.observer.stamp()
        if stamp == self.stamp:
            return []
        with self.database.read() as connection:
            sizes = [size_of(connection, each) for each in self.sets]
            if sizes == self.sizes:
                self.stamp = stamp
                return []
            changes = [rows_of(connection, each, last) for each, (_, last) in zip(self.sets, self.sizes, strict=True)]
        for number, (rows, (count, _)) in enumerate(zip(changes, self.sizes, strict=True)):
            if count + len(rows) != sizes[number][0] or (rows and any(later for later, _ in self.sizes[number + 1 :])):
                return None
        self.stamp, self.sizes = stamp, sizes
        return [StoredRow(row.where, row.row.encode(), row.id) for rows in changes for row in rows]
