"""Retrieval over all examples of a task. The index grows with its files between calls."""

import hashlib
import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Lock

from plait.core.prompting.bm25 import BM25Index
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import CallContext
from plait.core.values.json_text import loads
from plait.core.values.json_value import Json


@dataclass(frozen=True)
class ExampleLine:
    """A row as stored in its file."""

    where: str
    line: bytes


class ExampleIndex:
    """The rows of several files, read on first use. Rows of later files count as newer."""

    def __init__(self, declaration: Declaration, files: tuple[Path, ...]) -> None:
        self.declaration = declaration
        self.files = tuple(ExampleFile(file) for file in files)
        # Images cannot be compared by characters, and a single number hardly can.
        comparable = tuple(parameter for parameter in declaration.parameters if not parameter.has_images)
        self.parameters = (
            tuple(parameter for parameter in comparable if not parameter.value_type.is_numeric) or comparable
        )
        self.lock = Lock()
        self.reset()

    def reset(self) -> None:
        self.entries: list[ExampleLine] = []
        self.text_index = BM25Index(len(self.parameters))
        for source in self.files:
            source.reset()

    def nearest(self, inputs: Mapping[str, object], count: int) -> list[ExampleLine]:
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
        """Adds new rows of the files; rereads everything if a file changed in any other way."""
        changes = [source.read_added() for source in self.files]
        if None in changes or self.is_out_of_order(changes):
            self.reset()
            changes = [source.read_added() for source in self.files]
        try:
            for source, added in zip(self.files, changes, strict=True):
                for where, line in source.take_lines(added or b""):
                    self.add(where, line)
        except BaseException:
            self.reset()  # an unreadable row is reported with every call until it is fixed
            raise

    def is_out_of_order(self, changes: Sequence[bytes | None]) -> bool:
        """Whether a file has new rows before those of a later file, which count as newer."""
        return any(
            added and any(later.size for later in self.files[number + 1 :]) for number, added in enumerate(changes)
        )

    def add(self, where: str, line: bytes) -> None:
        json_value = loads(line, where)
        self.entries.append(ExampleLine(where, line))
        self.text_index.add(self.search_texts(json_value if isinstance(json_value, dict) else {}))

    def search_texts(self, json_value: Mapping[str, Json]) -> tuple[str, ...]:
        return tuple(" ".join(leaf_texts(json_value.get(parameter.name))) for parameter in self.parameters)


class ExampleFile:
    """One file, and how much of it was read."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reset()

    def reset(self) -> None:
        self.stamp: tuple[int, int] | None = None
        self.size = self.line = 0
        self.digest = hashlib.sha256()

    def read_added(self) -> bytes | None:
        """The bytes appended since the last read; None if the earlier content has changed."""
        try:
            status = self.path.stat()
        except FileNotFoundError:
            return None if self.size else b""
        stamp = (status.st_mtime_ns, status.st_size)
        if stamp == self.stamp:
            return b""
        content = self.path.read_bytes()
        if hashlib.sha256(content[: self.size]).digest() != self.digest.digest():
            return None
        self.stamp = stamp
        return content[self.size :]

    def take_lines(self, content: bytes) -> Iterator[tuple[str, bytes]]:
        """The new lines, each with its location."""
        self.size += len(content)
        self.digest.update(content)
        for line in content.split(b"\n"):
            self.line += 1
            if line.strip():
                yield f"{self.path}:{self.line}", line
        self.line -= 1  # the text after the last line feed is the beginning of the next line


def leaf_texts(json_value: Json) -> Iterator[str]:
    """The texts and numbers inside a JSON value."""
    if isinstance(json_value, dict | list):
        for inner in json_value.values() if isinstance(json_value, dict) else json_value:
            yield from leaf_texts(inner)
    elif json_value is not None:
        yield str(json_value)


@lru_cache(maxsize=64)
def example_index(declaration: Declaration, files: tuple[Path, ...]) -> ExampleIndex:
    """The index of these files, cached per task and files because building it is the expensive part."""
    return ExampleIndex(declaration, files)


# Another thread may hold the lock of an index while this one forks; the child would wait for it forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=example_index.cache_clear)
