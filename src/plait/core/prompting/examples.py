"""Examples: inputs with their right answers, shipped beside a task's file (seeds) or added by users in the data folder.

Both are JSON lines with a column per input and one called `answer`, all in JSON form. Seeds are read-only.
"""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from plait.core import plugins
from plait.core.config import settings
from plait.core.deprecation import renamed_property
from plait.core.errors import SettingsError
from plait.core.prompting.example_rows import (
    FINGERPRINT_COLUMN,
    Example,
    count_lines,
    example_to_json,
    read_example,
    read_examples,
)
from plait.core.prompting.retrieval import example_index
from plait.core.task.declaration import Declaration
from plait.core.values.inputs import inputs_from_call
from plait.core.values.json_text import dumps


class ExampleStore(Protocol):
    """Protocol of a store for the examples added to one task (plait.core.plugins.EXAMPLE_STORES).

    Every change is durable when the method returns. Raises SettingsError if it cannot be made durable.
    """

    def add(self, example: Example) -> None: ...

    def __iter__(self) -> Iterator[Example]:
        """The examples, newest first."""
        ...

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        """The examples most similar to these inputs, including the task's seeds, nearest first."""
        ...

    def remove(self, example: Example) -> bool:
        """Removes an example; whether it was present."""
        ...

    def undo(self) -> Example | None:
        """Removes the newest example and returns it; None if there is none."""
        ...


@dataclass(frozen=True)
class Examples:
    """The examples of one task. Iteration yields the added ones, newest first, then the seeds in order."""

    declaration: Declaration

    @property
    def store(self) -> ExampleStore:
        """The store of another package if one is installed, otherwise JSON lines in the data folder."""
        stores = (attempt.part for attempt in plugins.attempts(plugins.EXAMPLE_STORES) if not attempt.error)
        return next(stores, JsonLinesStore)(self.declaration)

    @property
    def seeds_file(self) -> Path:
        return seeds_file(self.declaration)

    @property
    def added_file(self) -> Path:
        return added_file(self.declaration)

    @property
    def held_out_files(self) -> list[Path]:
        """Files of held-out rows with right answers, one per split, which no prompt contains: the task is scored on
        them.
        """
        folder = Path(self.declaration.source.file).parent / "held_out"
        name = self.declaration.name
        return [*folder.glob(f"{name}.jsonl"), *sorted(folder.glob(f"{name}.*.jsonl"))]

    @property
    def seeds(self) -> Iterator[Example]:
        return read_examples(self.declaration, self.seeds_file)

    @property
    def added_examples(self) -> list[Example]:
        return list(self.store)[::-1]

    added = renamed_property("added", "added_examples")

    @property
    def count(self) -> int:
        """The number of examples, without parsing them."""
        return sum(count_lines(file) for file in (self.seeds_file, self.added_file))

    def __iter__(self) -> Iterator[Example]:
        yield from self.store
        yield from self.seeds

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        """The examples most similar to these inputs, nearest first; for equal inputs only the newest one.

        Rows of an earlier form of the task that no longer fit are skipped. Raises InputError for an invalid row.
        """
        return self.store.nearest(inputs, count)

    def add(self, answer: object, /, **inputs: Any) -> None:
        """Adds an example with the right answer. It is on disk on return, and available to prompts from the next call
        on.
        """
        self.store.add(Example(inputs_from_call(self.declaration, (), inputs), answer))

    def undo(self) -> Example | None:
        """Removes the most recently added example and returns it; None if there is none."""
        return self.store.undo()


def seeds_file(declaration: Declaration) -> Path:
    return Path(declaration.source.file).parent / "seeds" / f"{declaration.name}.jsonl"


def added_file(declaration: Declaration) -> Path:
    return settings().data / "examples" / f"{declaration.name}.jsonl"


@dataclass(frozen=True)
class JsonLinesStore:
    """Examples as JSON lines in the data folder.

    A removed row is overwritten with spaces in place, so a row that another process appends at that moment is not lost.
    """

    declaration: Declaration

    def __iter__(self) -> Iterator[Example]:
        return reversed(list(read_examples(self.declaration, added_file(self.declaration))))

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        examples: list[Example] = []
        files = seeds_file(self.declaration), added_file(self.declaration)
        for entry in example_index(self.declaration, files).nearest(inputs, 2 * count):
            example = read_example(self.declaration, entry.line, entry.where)
            if example is not None and all(example.inputs != other.inputs for other in examples):
                examples.append(example)
                yield example
            if len(examples) == count:
                return

    def add(self, example: Example) -> None:
        file = added_file(self.declaration)
        row = {**example_to_json(self.declaration, example), FINGERPRINT_COLUMN: self.declaration.fingerprint}
        try:
            file.parent.mkdir(parents=True, exist_ok=True)
            append(file, f"{dumps(row)}\n".encode())
        except OSError as error:
            raise write_error(file, error) from None

    def remove(self, example: Example) -> bool:
        return self.erase(lambda other: other == example) is not None

    def undo(self) -> Example | None:
        return self.erase(lambda other: True)

    def erase(self, matches: Callable[[Example], bool]) -> Example | None:
        """Overwrites the newest matching row with spaces and returns its example."""
        file = added_file(self.declaration)
        if not file.exists():
            return None
        content = file.read_bytes()
        end = len(content)
        for line in reversed(content.split(b"\n")):
            start = end - len(line)
            example = read_example(self.declaration, line, f"{file}:1") if line.strip() else None
            if example is not None and matches(example):
                overwrite(file, start, b" " * len(line))
                return example
            end = start - 1
        return None


def overwrite(file: Path, start: int, content: bytes) -> None:
    """Replaces bytes in place; durable when it returns. Raises SettingsError."""
    try:
        with file.open("r+b") as stream:
            stream.seek(start)
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
    except OSError as error:
        raise write_error(file, error) from None


def write_error(file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"the example cannot be written to {file}: {error.strerror}",
        hint="set PLAIT_DATA to a writable folder",
    )


def append(file: Path, line: bytes, *, durable: bool = True) -> None:
    """Appends a line in one write, so that lines of two processes do not mix. Line and file are durable on return.

    Without `durable` the line survives the process, but not a power cut.
    """
    for path, flags in ((file, os.O_WRONLY | os.O_APPEND | os.O_CREAT), (file.parent, os.O_RDONLY)):
        handle = os.open(path, flags, 0o600)
        try:
            if path is file and os.write(handle, line) < len(line):
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            if durable:
                os.fsync(handle)
        finally:
            os.close(handle)
