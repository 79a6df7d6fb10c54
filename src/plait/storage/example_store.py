"""The examples of users in the database: Plait's own ExampleStore."""

import hashlib
import logging
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache

from plait.core.errors import InputError, error_text
from plait.core.prompting.example_rows import (
    FINGERPRINT_COLUMN,
    Example,
    example_to_json,
    fitting_example,
    read_example,
)
from plait.core.prompting.examples import Examples
from plait.core.prompting.project import OWNER, Visibility, project_folder
from plait.core.prompting.retrieval import RowsFile, StoredRow, example_index
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import loads
from plait.core.values.json_value import Json
from plait.storage.database import Database, current_database
from plait.storage.example_import import import_files
from plait.storage.example_reader import ExampleSetsSource
from plait.storage.example_table import (
    EVERYONE,
    ExampleSet,
    StoredExample,
    earlier_rows,
    insert,
    mark_removed,
    rows_of,
    rows_of_all_authors,
    size_of,
    with_files,
)
from plait.storage.file_rows import purge
from plait.storage.schema import has_tables, writing


@dataclass(frozen=True)
class DatabaseStore:
    """The examples that one author sees for one form of a task in one project (plait.core.prompting.examples)."""

    declaration: Declaration
    author: str = OWNER

    @cached_property
    def database(self) -> Database:
        """The database, with what earlier versions kept in files. Raises SettingsError, InputError."""
        database = current_database()
        import_files(database, self.declaration, self.everyones, self.author)
        return database

    @cached_property
    def everyones(self) -> ExampleSet:
        declaration = self.declaration
        return ExampleSet(project_folder(declaration), declaration.name, declaration.fingerprint, EVERYONE)

    @cached_property
    def own(self) -> ExampleSet:
        return replace(self.everyones, author=self.author)

    def __iter__(self) -> Iterator[Example]:
        for rows in self.rows().values():
            for row in reversed(rows):
                example = self.example(row)
                if example is not None:
                    yield example

    @property
    def of_all_authors(self) -> Iterator[Example]:
        if not has_tables(self.database):
            return
        with self.database.read() as connection:
            rows = rows_of_all_authors(connection, self.everyones)
        yield from (example for row in reversed(rows) if (example := self.example(row)) is not None)

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        seeds = RowsFile(Examples(self.declaration).seeds_file)
        added = ExampleSetsSource(self.database, (self.everyones, self.own))
        found: list[Example] = []
        for row in example_index(self.declaration, (seeds, added)).nearest(inputs, 2 * count):
            example = self.indexed_example(row)
            if example is not None and all(example.inputs != other.inputs for other in found):
                found.append(example)
                yield example
            if len(found) == count:
                return

    def add(self, example: Example, visibility: Visibility = "everyone") -> None:
        row: Json = {
            **example_to_json(self.declaration, example),
            FINGERPRINT_COLUMN: self.declaration.fingerprint,
        }
        where = self.own if visibility == "author" else self.everyones
        with writing(self.database) as connection:
            purge(connection, self.database.files)
            insert(connection, self.database.files, where, row, example.correction)

    def remove(self, example: Example) -> bool:
        matches = (row.id for rows in self.rows().values() for row in reversed(rows) if self.example(row) == example)
        id = next(matches, None)
        return id is not None and self.mark_removed(id)

    def undo(self) -> Example | None:
        for row in reversed(self.rows()[self.everyones]):
            example = self.example(row)
            if example is not None and self.mark_removed(row.id):
                return example
        return None

    def mark_removed(self, id: int) -> bool:
        with writing(self.database) as connection:
            return mark_removed(connection, id)

    @property
    def count(self) -> int:
        if not has_tables(self.database):
            return 0
        with self.database.read() as connection:
            return sum(size_of(connection, each)[0] for each in self.sets)

    @property
    def digest(self) -> str:
        texts = [row.row for rows in self.rows().values() for row in rows]
        return hashlib.sha256("\n".join(texts).encode()).hexdigest()

    @property
    def earlier(self) -> Iterator[Example]:
        for row in self.earlier_rows():
            example = self.example(row)
            if example is not None:
                yield example

    @property
    def earlier_count(self) -> int:
        return len(self.earlier_rows())

    # ── rows ──

    @property
    def sets(self) -> tuple[ExampleSet, ...]:
        """What the author sees, the own examples first."""
        return self.own, self.everyones

    def rows(self) -> dict[ExampleSet, list[StoredExample]]:
        """The rows of each set, the oldest first."""
        if not has_tables(self.database):
            return {each: [] for each in self.sets}
        with self.database.read() as connection:
            return {each: rows_of(connection, each) for each in self.sets}

    def earlier_rows(self) -> list[StoredExample]:
        """The rows of other forms of the task, the oldest first."""
        if not has_tables(self.database):
            return []
        with self.database.read() as connection:
            return earlier_rows(connection, self.everyones, (EVERYONE, self.author))

    def indexed_example(self, row: StoredRow) -> Example | None:
        """The example of a row of the index: of the database if it has an id, otherwise a seed."""
        if row.id:
            return self.example(StoredExample(row.id, row.line.decode()))
        return read_example(self.declaration, row.line, row.where)

    def example(self, row: StoredExample) -> Example | None:
        """The example of a row; None if it does not fit the task (any more), or if its picture is damaged.

        A person cannot correct a row of a database by hand, so a server goes on without it and says so once.
        """
        try:
            return fitting_example(self.declaration, self.whole_row(row), row.where, needs_quotes=True)
        except InputError as error:
            warn_once(self.declaration.name, error_text(error))
            return None

    def whole_row(self, row: StoredExample) -> Json:
        if not self.declaration.has_images:
            return loads(row.row.encode(), row.where)
        with self.database.read() as connection:
            return with_files(connection, self.database.files, row)


@lru_cache(maxsize=1_000)
def warn_once(task: str, fault: str) -> None:
    logging.getLogger("plait").warning("not used by %s: %s", task, fault)
