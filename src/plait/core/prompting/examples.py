"""Examples: inputs with their right answers, shipped beside a task's file (seeds) or added by users in the data folder.

Both are JSON lines with a column per input and one called `answer`, all in JSON form. Seeds are read-only. Added
examples belong to a project and to a fingerprint (plait.core.prompting.example_files). Everyone in the project sees
them; corrections are seen by their author alone.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from plait.core import plugins
from plait.core.deprecation import renamed_property
from plait.core.errors import SettingsError
from plait.core.prompting.example_files import (
    OWNER,
    Visibility,
    added_file,
    author_file,
    earlier_files,
    make_project_folder,
    seeds_file,
)
from plait.core.prompting.example_migration import migrate_examples
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
from plait.core.values.durable_files import append, overwrite
from plait.core.values.inputs import inputs_from_call
from plait.core.values.json_text import dumps


class ExampleStore(Protocol):
    """Protocol of a store for the examples that one author sees for one form of a task in one project.

    The extension point is plait.core.plugins.EXAMPLE_STORES. The key is a task's `fingerprint`, its `project_folder`,
    the author, and the visibility: an example for its author is shown to nobody else.

    Every change is durable when the method returns. Raises SettingsError if it cannot be made durable.
    """

    def add(self, example: Example, visibility: Visibility = "everyone") -> None: ...

    def __iter__(self) -> Iterator[Example]:
        """The examples: the author's own, newest first, then those for everyone, newest first."""
        ...

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        """The examples most similar to these inputs, including the task's seeds, nearest first."""
        ...

    def remove(self, example: Example) -> bool:
        """Removes an example; whether it was present."""
        ...

    def undo(self) -> Example | None:
        """Removes the newest example for everyone and returns it; None if there is none."""
        ...


@dataclass(frozen=True)
class Examples:
    """The examples of one task that `author` sees. Iteration yields the added ones, newest first, then the seeds in
    order.
    """

    declaration: Declaration
    author: str = OWNER

    @property
    def store(self) -> ExampleStore:
        """The store of another package if one is installed, otherwise JSON lines in the data folder."""
        stores = (attempt.part for attempt in plugins.attempts(plugins.EXAMPLE_STORES) if not attempt.error)
        return next(stores, JsonLinesStore)(self.declaration, self.author)

    @property
    def seeds_file(self) -> Path:
        return seeds_file(self.declaration)

    @property
    def added_file(self) -> Path:
        migrate_examples(self.declaration)
        return added_file(self.declaration)

    @property
    def files(self) -> tuple[Path, ...]:
        """Every file that the examples are read from."""
        return self.seeds_file, self.added_file, author_file(self.declaration, self.author)

    @property
    def held_out_file(self) -> Path:
        """The file of held-out rows of a task without splits."""
        return Path(self.declaration.source.file).parent / "held_out" / f"{self.declaration.name}.jsonl"

    @property
    def held_out_files(self) -> list[Path]:
        """Files of held-out rows with right answers, one per split, which no prompt contains: the task is scored on
        them.
        """
        folder, name = self.held_out_file.parent, self.declaration.name
        return [*folder.glob(f"{name}.jsonl"), *sorted(folder.glob(f"{name}.*.jsonl"))]

    @property
    def seeds(self) -> Iterator[Example]:
        return read_examples(self.declaration, self.seeds_file)

    @property
    def earlier_files(self) -> list[Path]:
        """Files of the examples added to other forms of the task in this project; no prompt shows them."""
        migrate_examples(self.declaration)
        return earlier_files(self.declaration, self.author)

    @property
    def earlier(self) -> Iterator[Example]:
        """The examples added to other forms of the task that fit this one: `add` takes them over."""
        for file in self.earlier_files:
            yield from read_examples(self.declaration, file)

    @property
    def unshown(self) -> Iterator[Example]:
        """The held-out rows, which no prompt shows; without any, the examples, none of which is among its own shots.

        A held-out answer may quote values that do not stand in its inputs.
        """
        files = self.held_out_files
        rows = (each for file in files for each in read_examples(self.declaration, file, needs_quotes=False))
        return rows if files else iter(self)

    @property
    def unshown_count(self) -> int:
        return sum(map(count_lines, self.held_out_files)) or self.count

    @property
    def added_examples(self) -> list[Example]:
        return list(self.store)[::-1]

    added = renamed_property("added", "added_examples")

    @property
    def count(self) -> int:
        """The number of examples, without parsing them."""
        return sum(map(count_lines, self.files))

    def __iter__(self) -> Iterator[Example]:
        yield from self.store
        yield from self.seeds

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        """The examples most similar to these inputs, nearest first; for equal inputs only the newest one.

        Rows of an earlier form of the task that no longer fit are skipped. Raises InputError for an invalid row.
        """
        return self.store.nearest(inputs, count)

    def add(self, answer: object, /, **inputs: Any) -> None:
        """Adds an example with the right answer, for everyone in the project.

        It is on disk on return, and available to prompts from the next call on.
        """
        self.store.add(Example(inputs_from_call(self.declaration, (), inputs), answer))

    def undo(self) -> Example | None:
        """Removes the most recently added example and returns it; None if there is none.

        A correction is taken back with its own `undo`.
        """
        return self.store.undo()


@dataclass(frozen=True)
class JsonLinesStore:
    """Examples as JSON lines in the data folder, a file per project, fingerprint and author, and one for everyone.

    A removed row is overwritten with spaces in place, so a row that another process appends at that moment is not lost.
    """

    declaration: Declaration
    author: str = OWNER

    @property
    def file(self) -> Path:
        migrate_examples(self.declaration)
        return added_file(self.declaration)

    @property
    def own_file(self) -> Path:
        return author_file(self.declaration, self.author)

    def __iter__(self) -> Iterator[Example]:
        for file in (self.own_file, self.file):
            yield from reversed(list(read_examples(self.declaration, file)))

    def nearest(self, inputs: Mapping[str, object], count: int) -> Iterator[Example]:
        examples: list[Example] = []
        files = seeds_file(self.declaration), self.file, self.own_file
        for entry in example_index(self.declaration, files).nearest(inputs, 2 * count):
            example = read_example(self.declaration, entry.line, entry.where)
            if example is not None and all(example.inputs != other.inputs for other in examples):
                examples.append(example)
                yield example
            if len(examples) == count:
                return

    def add(self, example: Example, visibility: Visibility = "everyone") -> None:
        for_author = visibility == "author"
        file = self.own_file if for_author else self.file
        row = {**example_to_json(self.declaration, example), FINGERPRINT_COLUMN: self.declaration.fingerprint}
        try:
            make_project_folder(self.declaration, self.author if for_author else None)
            append(file, f"{dumps(row)}\n".encode())
        except OSError as error:
            raise write_error(file, error) from None

    def remove(self, example: Example) -> bool:
        files = self.own_file, self.file
        return any(self.erase(file, lambda other: other == example) is not None for file in files)

    def undo(self) -> Example | None:
        return self.erase(self.file, lambda other: True)

    def erase(self, file: Path, matches: Callable[[Example], bool]) -> Example | None:
        """Overwrites the newest matching row with spaces and returns its example."""
        if not file.exists():
            return None
        content = file.read_bytes()
        end = len(content)
        for line in reversed(content.split(b"\n")):
            start = end - len(line)
            example = read_example(self.declaration, line, f"{file}:1") if line.strip() else None
            if example is not None and matches(example):
                try:
                    overwrite(file, start, b" " * len(line))
                except OSError as error:
                    raise write_error(file, error) from None
                return example
            end = start - 1
        return None


def write_error(file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"the example cannot be written to {file}: {error.strerror}",
        hint="set PLAIT_DATA to a writable folder",
    )
