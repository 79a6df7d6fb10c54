"""Examples: inputs with their right answers, shipped beside a task's file (seeds) or added by users in the data folder.

Both are JSON lines with a column per input and one called `answer`, all in JSON form. Seeds are read-only.
"""

import errno
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from pydantic import ValidationError

from plait.core import plugins
from plait.core.config import settings
from plait.core.deprecation import renamed_property
from plait.core.errors import InputError, SettingsError
from plait.core.prompting.retrieval import example_index
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import call_context
from plait.core.values.inputs import (
    embed_row_files,
    inputs_from_call,
    inputs_from_json,
    pydantic_faults,
    to_input_error,
    type_adapter,
)
from plait.core.values.json_text import dumps, loads
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.picture_files import folder_of

FINGERPRINT_COLUMN = "fingerprint"  # the column with the fingerprint of the task at the time the row was added


@dataclass(frozen=True)
class Example:
    """Inputs and their right answer, as Python values."""

    inputs: Mapping[str, object]
    answer: object


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
        with file.open("r+b") as opened:
            opened.seek(start)
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
    except OSError as error:
        raise write_error(file, error) from None


def write_error(file: Path, error: OSError) -> SettingsError:
    return SettingsError(
        f"the example cannot be written to {file}: {error.strerror}",
        hint="set PLAIT_DATA to a folder that you may write to",
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


def example_to_json(declaration: Declaration, example: Example) -> dict[str, Json]:
    """An example in JSON form. Raises InputError if it does not fit this task."""
    context = call_context(declaration.targets, example.inputs)
    try:
        answer = type_adapter(declaration.answer_annotation).validate_python(example.answer)
        json_values: dict[str, Json] = {
            **{
                parameter.name: parameter.value_type.encode(example.inputs[parameter.name], context)
                for parameter in declaration.parameters
            },
            "answer": declaration.answer.encode(answer, context),
        }
    except ValidationError as refusal:
        fault = InvalidValue("is refused", example.answer, faults=pydantic_faults(refusal))
        raise to_input_error(f"this is no example of {declaration.name}", "answer", fault) from None
    except InvalidValue as fault:
        raise to_input_error(f"this is no example of {declaration.name}", "answer", fault) from None
    return json_values


def example_from_json(declaration: Declaration, json_value: Json, where: str) -> Example:
    """The example of a row. Raises InputError with its location `where`."""
    if not isinstance(json_value, dict) or "answer" not in json_value:
        raise InputError(f"{where} has no answer", hint="a row holds a column per input and one called answer")
    input_values = {
        parameter.name: json_value[parameter.name]
        for parameter in declaration.parameters
        if parameter.name in json_value
    }
    try:
        inputs = inputs_from_json(declaration, input_values)
    except InputError as error:
        hint = "mend the line, or delete it"
        raise InputError(f"{where} is no example", problems=error.problems, hint=hint) from None
    try:
        return Example(
            inputs, declaration.answer.decode(json_value["answer"], call_context(declaration.targets, inputs))
        )
    except InvalidValue as error:
        raise to_input_error(f"{where} has an answer that is none", "answer", error) from None


def read_examples(declaration: Declaration, file: Path) -> Iterator[Example]:
    """The examples of a file, read lazily; none if the file does not exist.

    A row added to an earlier form of the task that no longer fits is skipped; `plait show` counts these rows.
    """
    if not file.exists():
        return
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                example = read_example(declaration, line, f"{file}:{number}")
                if example is not None:
                    yield example


def read_example(declaration: Declaration, line: bytes, where: str) -> Example | None:
    """The example of a line; None if it belongs to an earlier form of the task and no longer fits."""
    json_value = loads(line, where)
    try:
        return example_from_json(declaration, embed_row_files(declaration, json_value, folder_of(where)), where)
    except InputError:
        if is_outdated(declaration, json_value):
            return None
        raise


def is_outdated(declaration: Declaration, json_value: Json) -> bool:
    fingerprint = json_value.get(FINGERPRINT_COLUMN) if isinstance(json_value, dict) else None
    return fingerprint not in (None, declaration.fingerprint)


def count_lines(file: Path) -> int:
    if not file.exists():
        return 0
    with file.open("rb") as lines:
        return sum(1 for line in lines if line.strip())
