"""Retrieval over all examples of a task. The index grows with its sources between calls."""

import hashlib
import os
from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Lock
from typing import Protocol

from plait.core.prompting.bm25 import BM25Index
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import CallContext
from plait.core.values.json_text import loads
from plait.core.values.json_value import Json


@dataclass(frozen=True)
class StoredRow:
    """A row as it is stored, and where: a line of a file, or the row of a table with this `id`."""

    where: str
    line: bytes
    id: int = 0


class RowReader(Protocol):
    """Reads the rows of one source as they are added."""

    @property
    def count(self) -> int:
        """The number of rows read so far."""
        ...

    def read_new(self) -> Sequence[StoredRow] | None:
        """The rows added since the last read; None if an earlier one has changed or is gone."""
        ...

    def reset(self) -> None:
        """Begins anew: the next read returns all rows."""
        ...


class ExampleSource(Hashable, Protocol):
    """A place with rows of examples. Equal sources share an index."""

    def reader(self) -> RowReader: ...


class ExampleIndex:
    """The rows of several sources, read on first use. Rows of later sources count as newer."""

    def __init__(self, declaration: Declaration, sources: tuple[ExampleSource, ...]) -> None:
        self.declaration = declaration
        self.readers = tuple(source.reader() for source in sources)
        # Images cannot be compared by characters, and a single number hardly can.
        comparable = tuple(parameter for parameter in declaration.parameters if not parameter.has_images)
        self.parameters = (
            tuple(parameter for parameter in comparable if not parameter.value_type.is_numeric) or comparable
        )
        self.lock = Lock()
        self.reset()

    def reset(self) -> None:
        self.entries: list[StoredRow] = []
        self.text_index = BM25Index(len(self.parameters))
        for reader in self.readers:
            reader.reset()

    def nearest(self, inputs: Mapping[str, object], count: int) -> list[StoredRow]:
        """The rows most similar to the inputs, nearest first, newest first among equals; then the newest rows."""
        with self.lock:
            self.refresh()
            query = {
                parameter.name: parameter.value_type.encode(inputs[parameter.name], CallContext())
                for parameter in self.parameters
            }
            nearest_numbers = self.text_index.nearest(self.search_texts(query), count)
            if len(nearest_numbers) < count:
                seen = set(nearest_numbers)
                other_numbers = (number for number in reversed(range(len(self.entries))) if number not in seen)
                nearest_numbers += islice(other_numbers, count - len(nearest_numbers))
            return [self.entries[number] for number in nearest_numbers]

    def refresh(self) -> None:
        """Adds new rows of the sources; rereads everything if a source changed in any other way."""
        try:
            counts = [reader.count for reader in self.readers]
            changes = [reader.read_new() for reader in self.readers]
            if None in changes or is_out_of_order(changes, counts):
                self.reset()
                changes = [reader.read_new() for reader in self.readers]
            for rows in changes:
                for row in rows or ():
                    self.add(row)
        except BaseException:
            self.reset()  # an unreadable row is reported with every call until it is fixed
            raise

    def add(self, row: StoredRow) -> None:
        json_value = loads(row.line, row.where)
        self.entries.append(row)
        self.text_index.add(self.search_texts(json_value if isinstance(json_value, dict) else {}))

    def search_texts(self, json_value: Mapping[str, Json]) -> tuple[str, ...]:
        return tuple(" ".join(leaf_texts(json_value.get(parameter.name))) for parameter in self.parameters)


def is_out_of_order(changes: Sequence[Sequence[StoredRow] | None], counts: Sequence[int]) -> bool:
    """Whether a source has new rows before the earlier ones of a later source, which count as newer."""
    return any(rows and any(counts[number + 1 :]) for number, rows in enumerate(changes))


@dataclass(frozen=True)
class RowsFile:
    """A file of JSON lines; without the file there are no rows."""

    path: Path

    def reader(self) -> "RowsFileReader":
        return RowsFileReader(self.path)


class RowsFileReader:
    """One file, and how much of it was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reset()

    def reset(self) -> None:
        self.stamp: tuple[int, int] | None = None
        self.size = self.line = self.count = 0
        self.digest = hashlib.sha256()

    def read_new(self) -> list[StoredRow] | None:
        """The lines appended since the last read; None if the earlier content has changed."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None if self.size else []
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp == self.stamp:
            return []
        content = self.path.read_bytes()
        if hashlib.sha256(content[: self.size]).digest() != self.digest.digest():
            return None
        self.stamp = stamp
        return list(self.take_lines(content[self.size :]))

    def take_lines(self, content: bytes) -> Iterator[StoredRow]:
        """The new lines, each with its location."""
        self.size += len(content)
        self.digest.update(content)
        for line in content.split(b"\n"):
            self.line += 1
            if line.strip():
                self.count += 1
                yield StoredRow(f"{self.path}:{self.line}", line)
        self.line -= 1  # the text after the last line feed is the beginning of the next line


def leaf_texts(json_value: Json) -> Iterator[str]:
    """The texts and numbers inside a JSON value."""
    if isinstance(json_value, dict | list):
        for inner in json_value.values() if isinstance(json_value, dict) else json_value:
            yield from leaf_texts(inner)
    elif json_value is not None:
        yield str(json_value)


@lru_cache(maxsize=64)
def example_index(declaration: Declaration, sources: tuple[ExampleSource, ...]) -> ExampleIndex:
    """The index of these sources, cached per task and sources because building it is the expensive part."""
    return ExampleIndex(declaration, sources)


# Another thread may hold the lock of an index while this one forks; the child would wait for it forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=example_index.cache_clear)
