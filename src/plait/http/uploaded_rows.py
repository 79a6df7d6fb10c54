"""A file of rows that was sent to a page, and the table of its answers."""

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from plait.core.calls.answer_table import (
    ERROR,
    answer_cells,
    answer_columns,
    cell,
    csv_line,
    has_media,
    renamed_columns,
)
from plait.core.calls.row_answers import MAX_BLANK, MAX_FILE_BYTES, MAX_ROWS, RowAnswer, rows_suffix
from plait.core.errors import InputError, InputTooLarge, PlaitError
from plait.core.evaluation.rows import SUFFIXES, DatasetRow, read_rows
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.quoting import shorten
from plait.http.page_examples import inputs_in_language
from plait.web.views import Language

SAMPLE_ROWS = 3
MAX_SHOWN = 200  # characters of a cell on the page; the file has all
BYTE_ORDER_MARK = "\ufeff"  # without it Excel reads UTF-8 as the encoding of its country


@dataclass(frozen=True)
class UploadedRows:
    """The rows of a file that was sent, and the columns of its table."""

    name: str
    rows: Sequence[DatasetRow]
    columns: Sequence[str]

    def cells(self, row: DatasetRow) -> list[str]:
        return [row_texts(row).get(column, "") for column in self.columns]

    def unused_columns(self, declaration: Declaration) -> list[str]:
        names = {parameter.name for parameter in declaration.parameters}
        return [column for column in self.columns if column not in names]


def check_no_media(declaration: Declaration) -> None:
    """Raises InputError for a task with pictures: a file of rows names them by path, which no server reads."""
    if has_media(declaration):
        raise InputError(
            f"{declaration.name} has pictures, which a file of rows names by path",
            hint=f"answer the file where the pictures are: plait run {task_address(declaration)} --rows FILE.csv",
        )


def read_uploaded_rows(declaration: Declaration, name: str, content: bytes) -> UploadedRows:
    """The rows of a file that was sent. Raises InputError, InputTooLarge."""
    command = f"plait run {task_address(declaration)} --rows {shlex.quote(name)}"
    if len(content) > MAX_FILE_BYTES:
        raise InputTooLarge(f"{name} has more than {MAX_FILE_BYTES // 2**20} MiB", hint=f"{command} takes any size")
    suffix = PurePath(name).suffix.lower()
    with TemporaryDirectory(prefix="plait-rows-") as folder:
        file = Path(folder, f"rows{suffix if suffix in SUFFIXES else rows_suffix(content[:MAX_BLANK])}")
        file.write_bytes(content)
        rows = list(islice(read_rows(declaration, file, name), MAX_ROWS + 1))
    if not rows:
        raise InputError(f"{name} has no rows", hint="a row needs a column per input")
    if len(rows) > MAX_ROWS:
        raise InputTooLarge(f"{name} has more than {MAX_ROWS:,} rows", hint=f"{command} takes any number, and resumes")
    return UploadedRows(name, rows, list(row_texts(rows[0])))


def row_texts(row: DatasetRow) -> Mapping[str, str]:
    """The texts of a row by column; none if it cannot be read."""
    if not isinstance(row.content, bytes):
        return row.content
    try:
        json_value = row.json_value
    except PlaitError:
        return {}
    if not isinstance(json_value, dict):
        return {}
    return {name: json_cell(row.declaration, name, each) for name, each in json_value.items()}


def json_cell(declaration: Declaration, name: str, json_value: Json) -> str:
    parameter = declaration.parameter(name)
    if parameter is not None:
        return cell(parameter.value_type, json_value)
    return json_value if isinstance(json_value, str) else dumps(json_value)


def table_head(uploaded: UploadedRows, declaration: Declaration) -> str:
    columns = renamed_columns(declaration, list(uploaded.columns))
    return csv_line([*columns, *answer_columns(declaration), ERROR])


def table_line(uploaded: UploadedRows, row: DatasetRow, answer: RowAnswer, declaration: Declaration) -> str:
    return csv_line([*uploaded.cells(row), *answer_texts(answer, declaration), error_line(answer.error)])


def answer_texts(answer: RowAnswer, declaration: Declaration) -> list[str]:
    if answer.completed is None:
        return [""] * len(answer_columns(declaration))
    return answer_cells(declaration, answer.completed.json_value)


def row_event(uploaded: UploadedRows, row: DatasetRow, answer: RowAnswer, declaration: Declaration) -> dict[str, Json]:
    texts: list[Json] = [shorten(text, MAX_SHOWN) for text in answer_texts(answer, declaration)]
    given = row_texts(row).get(declaration.parameters[0].name, "") if declaration.parameters else ""
    return {
        "number": row.number,
        "given": shorten(" ".join(given.split()), MAX_SHOWN),
        "cells": texts,
        "error": error_line(answer.error),
        "line": table_line(uploaded, row, answer, declaration),
    }


def error_line(error: PlaitError | None) -> str:
    """The words of an error on one line."""
    if error is None:
        return ""
    lines = (" ".join(line.split()) for line in (error.message, *error.details))
    return ": ".join(filter(None, (next(lines), "; ".join(lines))))


def sample_file(examples: Examples, language: Language) -> str:
    """A table with a column per input and the first examples in the language."""
    parameters = examples.declaration.parameters
    lines = [csv_line([parameter.name for parameter in parameters])]
    for each in islice(inputs_in_language(examples, language), SAMPLE_ROWS):
        inputs = examples.declaration.inputs_to_json(each)
        lines.append(csv_line([cell(parameter.value_type, inputs[parameter.name]) for parameter in parameters]))
    return BYTE_ORDER_MARK + "".join(lines)
