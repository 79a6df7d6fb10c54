"""Rows of a .csv or .jsonl file, read lazily, each with its line number.

Each input has a column; `answer` holds the right answer if there is one. A table may spread it over columns:
`answer.x0`, `answer.lines.0.what`. Other columns are the author's own.
"""

import codecs
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.csv_file import read_csv_lines
from plait.core.prompting.example_rows import (
    CORRECTION_COLUMN,
    FINGERPRINT_COLUMN,
    RIGHT_COLUMN,
    Example,
    example_from_json,
)
from plait.core.task.declaration import Declaration
from plait.core.values.forms import FormFields
from plait.core.values.inputs import embed_row_files, inputs_from_json, json_from_text, json_from_texts, to_input_error
from plait.core.values.json_text import loads
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.picture_files import folder_of
from plait.core.values.quoting import quote

SUFFIXES = (".csv", ".jsonl", ".ndjson")


@dataclass(frozen=True)
class DatasetRow:
    """One row, parsed on access.

    `content` is a line of JSON, or texts by column. Image paths are relative to `image_folder`, by default the file's
    own folder. `extra_cells` are those of a table's row that have no column.
    """

    declaration: Declaration
    number: int
    where: str
    content: bytes | Mapping[str, str]
    image_folder: Path | None = None
    extra_cells: tuple[str, ...] = ()

    @property
    def folder(self) -> Path:
        return folder_of(self.where) if self.image_folder is None else self.image_folder

    @cached_property
    def json_value(self) -> Json:
        """The columns in JSON form. Raises InputError."""
        if isinstance(self.content, bytes):
            json_values = loads(self.content, self.where)
            return embed_row_files(self.declaration, json_values, self.folder)
        if self.extra_cells:
            raise InputError(
                f"{self.where} has more cells than the header has columns: {', '.join(map(quote, self.extra_cells))}",
                hint="put a cell that contains the delimiter in quotes",
            )
        parameters = {parameter.name for parameter in self.declaration.parameters}
        texts = {name: text for name, text in self.content.items() if name in parameters}
        other_columns = {name: text for name, text in self.content.items() if name not in parameters}
        return {**other_columns, **json_from_texts(self.declaration, texts, self.folder)}

    def inputs(self) -> dict[str, object]:
        """The inputs of the row. Raises InputError."""
        if not isinstance(self.json_value, dict):
            return inputs_from_json(self.declaration, self.json_value)
        names = {parameter.name for parameter in self.declaration.parameters}
        return inputs_from_json(
            self.declaration, {name: value for name, value in self.json_value.items() if name in names}
        )

    def example(self) -> Example:
        """The inputs with the right answer. Raises InputError, also if the row has no answer."""
        json_value = self.json_value
        if (
            isinstance(json_value, dict)
            and isinstance(self.content, Mapping)
            and any(map(is_answer_column, self.content))
        ):
            json_value = {**json_value, "answer": self.parse_answer(self.content)}
        return example_from_json(self.declaration, json_value, self.where, needs_quotes=False)

    def parse_answer(self, texts: Mapping[str, str]) -> Json:
        """The right answer from the columns of a table. Raises InputError."""
        try:
            if "answer" in texts:
                return json_from_text(self.declaration.answer, texts["answer"], self.where)
            spread = {name: [text] for name, text in texts.items() if is_answer_column(name)}
            return self.declaration.answer.read_form(FormFields(spread), "answer")
        except InvalidValue as error:
            raise to_input_error(f"{self.where} has an invalid answer", "answer", error) from None

    def slices(self) -> dict[str, str]:
        """Short values of the columns that are neither input nor answer; scores are also reported by these values."""
        used_names = {
            FINGERPRINT_COLUMN,
            CORRECTION_COLUMN,
            RIGHT_COLUMN,
            *(parameter.name for parameter in self.declaration.parameters),
        }
        other_columns = self.json_value.items() if isinstance(self.json_value, dict) else ()
        return {
            name: str(value).lower() if isinstance(value, bool) else str(value)
            for name, value in other_columns
            if name not in used_names
            and not is_answer_column(name)
            and isinstance(value, str | int)
            and len(str(value)) <= 60
        }


def is_answer_column(column: str) -> bool:
    return column == "answer" or column.startswith("answer.")


def is_table(file: Path) -> bool:
    return file.suffix.lower() == ".csv"


def read_rows(declaration: Declaration, file: Path, name: str = "") -> Iterator[DatasetRow]:
    """The rows of a file. Raises InputError at the point where the file cannot be read.

    With `name`, the file is a copy: `name` stands for it in messages, and image paths are relative to the working
    folder.
    """
    return (read_csv_rows if is_table(file) else read_json_rows)(declaration, file, name)


def read_csv_rows(declaration: Declaration, file: Path, name: str = "") -> Iterator[DatasetRow]:
    for number, (where, columns) in enumerate(read_csv_lines(file, name), 1):
        texts = {column: text for column, text in columns.items() if column is not None and isinstance(text, str)}
        extra = tuple(cell for cell in columns.get(None, ()) if cell.strip())
        yield DatasetRow(declaration, number, where, texts, Path() if name else None, extra)


def read_json_rows(declaration: Declaration, file: Path, name: str = "") -> Iterator[DatasetRow]:
    for number, (line_number, line) in enumerate(numbered_lines(file), 1):
        yield DatasetRow(declaration, number, f"{name or file}:{line_number}", line, Path() if name else None)


def numbered_lines(file: Path) -> Iterator[tuple[int, bytes]]:
    """The lines of a JSON Lines file that are not blank, each with its number."""
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if line.removeprefix(codecs.BOM_UTF8).strip():
                yield number, line


def count_rows(file: Path, flag: str = "--rows", name: str = "") -> int:
    """The number of rows. Raises InputError for an unreadable file, before any call is made."""
    if file.suffix.lower() not in SUFFIXES:
        raise InputError(f"{flag} takes a .csv or a .jsonl file, not {file.name}")
    try:
        return sum(1 for _ in (read_csv_lines(file, name) if is_table(file) else numbered_lines(file)))
    except OSError as error:
        raise InputError(f"{name or file} cannot be read: {error.strerror}") from None


def unused_columns(declaration: Declaration, file: Path) -> list[str]:
    """The columns of a table that are not inputs."""
    names = {parameter.name for parameter in declaration.parameters}
    for _, columns in read_csv_lines(file):
        return sorted({name for name in columns if name} - names)
    return []
