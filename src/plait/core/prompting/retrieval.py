"""All examples of a task, found by likeness to an input; grows with its files, from one call to the next."""

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from pathlib import Path
from threading import Lock

from plait.core.prompting.bm25 import Index
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import loads
from plait.core.values.value_type import Beside, Json

NUMBERS = ("number", "boolean")


@dataclass(frozen=True)
class Entry:
    """A row as it stands in its file."""

    where: str
    line: bytes


class Pool:
    """The rows of some files, later files' rows counting as newer. Not read before they are asked for."""

    def __init__(self, declaration: Declaration, files: tuple[Path, ...]) -> None:
        self.declaration = declaration
        self.sources = tuple(Source(file) for file in files)
        # Pictures say nothing that could be compared letter by letter, and a lone number hardly anything.
        spoken = tuple(slot for slot in declaration.slots if not slot.pictured)
        self.slots = tuple(slot for slot in spoken if slot.kind.name not in NUMBERS) or spoken
        self.lock = Lock()
        self.forget()

    def forget(self) -> None:
        self.entries: list[Entry] = []
        self.index = Index(len(self.slots))
        for source in self.sources:
            source.forget()

    def nearest(self, inputs: Mapping[str, object], count: int) -> list[Entry]:
        """The rows most like the inputs, nearest first, the newest of those that are equally near; then the newest."""
        with self.lock:
            self.refresh()
            asked = {slot.name: slot.kind.encode(inputs[slot.name], Beside()) for slot in self.slots}
            found = self.index.nearest(self.texts(asked), count)
            if len(found) < count:
                alike = set(found)
                others = (number for number in reversed(range(len(self.entries))) if number not in alike)
                found += islice(others, count - len(found))
            return [self.entries[number] for number in found]

    def refresh(self) -> None:
        """Takes in what was added to the files; reads all anew where anything else of them has changed."""
        changes = [source.change() for source in self.sources]
        if None in changes or any(changes[:-1]):  # a later file's rows stand behind an earlier one's
            self.forget()
            changes = [source.change() for source in self.sources]
        try:
            for source, added in zip(self.sources, changes, strict=True):
                for where, line in source.taken(added or b""):
                    self.add(where, line)
        except BaseException:
            self.forget()  # a row that cannot be read is told with every call, until it is mended
            raise

    def add(self, where: str, line: bytes) -> None:
        wire = loads(line, where)
        self.entries.append(Entry(where, line))
        self.index.add(self.texts(wire if isinstance(wire, dict) else {}))

    def texts(self, wire: Mapping[str, Json]) -> tuple[str, ...]:
        return tuple(" ".join(leaves(wire.get(slot.name))) for slot in self.slots)


class Source:
    """One file, and how much of it has been taken in."""

    def __init__(self, file: Path) -> None:
        self.file = file
        self.forget()

    def forget(self) -> None:
        self.stamp: tuple[int, int] | None = None
        self.size = self.line = 0
        self.digest = hashlib.sha256()

    def change(self) -> bytes | None:
        """What has been added since; None where what was read before is no longer there."""
        try:
            told = self.file.stat()
        except FileNotFoundError:
            return None if self.size else b""
        stamp = (told.st_mtime_ns, told.st_size)
        if stamp == self.stamp:
            return b""
        content = self.file.read_bytes()
        if hashlib.sha256(content[: self.size]).digest() != self.digest.digest():
            return None
        self.stamp = stamp
        return content[self.size :]

    def taken(self, added: bytes) -> Iterator[tuple[str, bytes]]:
        """The lines of what was added, each with where it stands."""
        self.size += len(added)
        self.digest.update(added)
        for line in added.split(b"\n"):
            self.line += 1
            if line.strip():
                yield f"{self.file}:{self.line}", line
        self.line -= 1  # the text behind the last line feed is the beginning of what is added next


def leaves(wire: Json) -> Iterator[str]:
    """The texts and numbers of a wire form."""
    if isinstance(wire, dict | list):
        for inner in wire.values() if isinstance(wire, dict) else wire:
            yield from leaves(inner)
    elif wire is not None:
        yield str(wire)


@lru_cache(maxsize=64)
def pool(declaration: Declaration, files: tuple[Path, ...]) -> Pool:
    """The pool of these files: one per task and place, since its index is what costs."""
    return Pool(declaration, files)
