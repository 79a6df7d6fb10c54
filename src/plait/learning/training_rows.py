"""The examples to learn from: rows of files, or all examples of the task; what cannot be learned is refused or named.

Files may have the task's own columns, or be exports of chats (plait.learning.chat_rows).
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import cast

from plait.core.errors import InputError
from plait.core.evaluation.rows import DatasetRow, count_rows, is_answer_column, is_table, read_rows
from plait.core.prompting.example_rows import Example, example_from_json
from plait.core.prompting.examples import Examples
from plait.core.prompting.prompt import input_images
from plait.core.suggestions import nearest_name
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote
from plait.learning.chat_rows import chat_format, row_from_chat
from plait.learning.data_sources import check_picture_bytes, is_data_source, labelled_example, source_rows
from plait.types.image import Image

MAX_ROW_BYTES = 4_000_000  # a row of 4,096 tokens has some 16,000; more is not a row of a text task
FEW_EXAMPLES = 50
MAX_PAIRS_SHOWN = 3

Tell = Callable[[str], None]


@dataclass(frozen=True)
class TrainingRow:
    """An example, and where it stands."""

    where: str
    example: Example


def examples_to_learn(declaration: Declaration, files: Sequence[Path], tell: Tell) -> list[Example]:
    """The rows of the files, otherwise all examples of the task, of every author. `tell` gets warnings.

    Raises InputError with the line at fault.
    """
    if files:
        rows = consistent(declaration, [row for file in files for row in training_rows(declaration, file, tell)], tell)
    else:
        rows = newest(declaration, Examples(declaration).of_all_authors)
    warn(declaration, rows, tell)
    return rows


def training_rows(declaration: Declaration, file: Path, tell: Tell) -> Iterator[TrainingRow]:
    """The examples of a file or another source. Raises InputError."""
    picture_bytes = 0
    for row in dataset_rows(declaration, file, tell):
        example = training_example(declaration, row)
        pictures = [each for _, each in input_images(declaration, example.inputs)]
        pictures += [example.answer] if declaration.answer.media else []
        picture_bytes += sum(len(cast(Image, each).content) for each in pictures)
        check_picture_bytes(picture_bytes)
        yield TrainingRow(row.where, example)


def dataset_rows(declaration: Declaration, file: Path, tell: Tell) -> Iterator[DatasetRow]:
    if is_data_source(file):
        return source_rows(declaration, file, tell)
    check_file(file)
    return read_rows(declaration, file)


def check_file(file: Path) -> None:
    """Raises InputError for a file without rows, or with one that no text task has."""
    if not count_rows(file, "--data"):
        raise InputError(f"{file} has no rows", hint="a row needs a column per input and a column called answer")
    if not is_table(file):
        check_row_sizes(file)


def training_example(declaration: Declaration, row: DatasetRow) -> Example:
    json_value = row.json_value
    if isinstance(json_value, dict) and chat_format(json_value):
        return example_from_json(declaration, row_from_chat(declaration, json_value, row.where), row.where)
    check_columns(declaration, json_value, row.where)
    return labelled_example(declaration, row)


def check_row_sizes(file: Path) -> None:
    """Raises InputError for a row that no text task has, before it is parsed."""
    with file.open("rb") as lines:
        number = 1
        while line := lines.readline(MAX_ROW_BYTES + 1):
            if len(line) > MAX_ROW_BYTES:
                raise InputError(
                    f"{file}:{number} has more than {MAX_ROW_BYTES // 1_000_000} MB, too much for one row",
                    hint="one example per line, each ended by a line break",
                )
            number += 1


def check_columns(declaration: Declaration, json_value: Json, where: str) -> None:
    """Raises InputError for a column that is a misspelled input or answer; other columns are the author's own."""
    if not isinstance(json_value, dict):
        return
    names = [each.name for each in declaration.parameters]
    absent = [name for name in names if name not in json_value]
    if not any(map(is_answer_column, json_value)):
        absent.append("answer")
    for column in json_value:
        meant = nearest_name(column, absent) if column not in names and not is_answer_column(column) else None
        if meant:
            raise InputError(
                f"{where} has a column {quote(column)}, which is no input of {declaration.name}",
                hint=f"did you mean {meant}?",
            )


# ── rows that disagree ──


def newest(declaration: Declaration, examples: Iterable[Example]) -> list[Example]:
    """The first example of those with the same inputs: a store lists the newest first."""
    by_inputs: dict[str, Example] = {}
    for each in examples:
        by_inputs.setdefault(inputs_key(declaration, each), each)
    return list(by_inputs.values())


def consistent(declaration: Declaration, rows: Sequence[TrainingRow], tell: Tell) -> list[Example]:
    """One example for each inputs; inputs with several answers are left out, and named."""
    by_inputs: dict[str, list[TrainingRow]] = {}
    for row in rows:
        by_inputs.setdefault(inputs_key(declaration, row.example), []).append(row)
    kept: list[Example] = []
    pairs: list[tuple[TrainingRow, TrainingRow]] = []
    for alike in by_inputs.values():
        other = next((row for row in alike if row.example.answer != alike[0].example.answer), None)
        if other is None:
            kept.append(alike[0].example)
        else:
            pairs.append((alike[0], other))
    for one, other in pairs[:MAX_PAIRS_SHOWN]:
        tell(f"left out: {one.where} and {other.where} have the same inputs and different answers")
    if len(pairs) > MAX_PAIRS_SHOWN:
        tell(f"left out as well: {len(pairs) - MAX_PAIRS_SHOWN:,} more such pairs")
    return kept


def inputs_key(declaration: Declaration, example: Example) -> str:
    """Equal for examples with the same inputs; short, whatever pictures they have."""
    return hashlib.sha256(dumps(declaration.inputs_to_json(example.inputs)).encode()).hexdigest()


def warn(declaration: Declaration, examples: Sequence[Example], tell: Tell) -> None:
    """Says what makes a poor adapter, and is no mistake for certain."""
    if len(examples) < FEW_EXAMPLES:
        tell(f"warning: {len(examples)} examples are few; a task takes some hundred")
    if len(examples) > 1 and all(each.answer == examples[0].answer for each in examples):
        tell(f"warning: all examples have the same answer, so {declaration.name} will learn to give that one always")
