"""Answers of rows as a table, which `plait.core.evaluation.rows` reads back, beside the columns of the file."""

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from plait.core.task.declaration import Declaration
from plait.core.values.forms import Texts
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json
from plait.core.values.value_type import ValueType, iter_types

ANSWER, ERROR = "answer", "error"  # the columns of the answers
OTHER = "file."  # before a column of the file that has the name of one of the answers


def has_media(declaration: Declaration) -> bool:
    """Whether inputs or answer contain pictures, which do not fit into the cells of a table."""
    types = (declaration.answer, *(parameter.value_type for parameter in declaration.parameters))
    return any(inner.media for value_type in types for _, inner in iter_types(value_type))


def answer_columns(declaration: Declaration) -> tuple[str, ...]:
    """The columns of an answer: one for each field of a flat record, else `answer` alone."""
    answer = declaration.answer
    return tuple(f"{ANSWER}.{name}" for name, _ in answer.columns) if is_flat(answer) else (ANSWER,)


def is_flat(answer: ValueType) -> bool:
    leaves = [inner.optional_type or inner for _, inner in answer.columns]
    return bool(leaves) and not any(leaf.children or leaf.written_as_json for leaf in leaves)


def answer_cells(declaration: Declaration, json_value: Json) -> list[str]:
    """The texts of an answer in its columns: values as in a form, anything with values inside as JSON."""
    answer = declaration.answer
    if not is_flat(answer):
        return [cell(answer, json_value)]
    record: Mapping[str, Any] = json_value if isinstance(json_value, dict) else {}
    return [cell(inner, record.get(name)) for name, inner in answer.columns]


def cell(value_type: ValueType, json_value: Json) -> str:
    if json_value is None:
        return ""
    fields: Texts = {} if value_type.written_as_json else value_type.to_fields(json_value, ANSWER)
    return fields[ANSWER][-1] if fields.get(ANSWER) else dumps(json_value)


def renamed_columns(declaration: Declaration, columns: list[str]) -> list[str]:
    """The columns of the file beside those of the answers: one of the same name gets a prefix."""
    taken = {*answer_columns(declaration), ANSWER, ERROR}
    return [f"{OTHER}{name}" if name in taken or name.startswith(f"{ANSWER}.") else name for name in columns]


def csv_line(cells: Sequence[str]) -> str:
    """The line of a table, with its line end."""
    line = io.StringIO()
    csv.writer(line).writerow(cells)
    return line.getvalue()
