"""Checks every row of a file before training, images by their headers only."""

import hashlib
from array import array
from pathlib import Path

from plait.core.errors import InputError, Problem
from plait.core.grammar.ast import MAX_TEXT_LENGTH
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.values.value_type import select_values
from plait.foundation.cards.token_automaton.characters import is_writable
from plait.foundation.data.image_header import ImageHeader, with_image_headers
from plait.foundation.data.sources.bad_rows import check_bad_share
from plait.foundation.data.sources.open_table import open_table
from plait.foundation.data.sources.row_groups import DamagedRow
from plait.foundation.data.sources.row_hints import explain_bad_row
from plait.foundation.data.sources.table import Table
from plait.foundation.data.sources.task_rows import RowSource


def open_rows(file: Path, declaration: Declaration, images: Path | None = None) -> RowSource:
    """Checked rows of a file, shards or a folder for a task.

    Image paths are relative to `images`, by default the file's own folder. Raises InputError if the file is not a data
    file or has too few good rows; MissingDependency.
    """
    rows = check_rows(open_table(file, declaration, images), declaration)
    check_bad_share(str(file), rows.bad_rows, rows.length + len(rows.bad_rows))
    return rows


def check_rows(table: Table, declaration: Declaration) -> RowSource:
    hasher = hashlib.sha256(f"{declaration.name} {table.sha256}\n".encode())
    header_declaration = with_image_headers(declaration, table.folder)
    good, bad = array("Q"), list(table.bad_rows)
    for index in range(len(table)):
        try:
            row = table.row(index, header_declaration)
        except DamagedRow as error:
            bad.append(error.row)
            continue
        try:
            example = row.example()
            check_texts(declaration, example, row.where)
        except InputError as error:
            bad.append(explain_bad_row(row, error, last=index == len(table) - 1))
            continue
        good.append(index)
        for value in example.inputs.values():
            if isinstance(value, ImageHeader):
                hasher.update(f"{value.path} {value.length}\n".encode())
    return RowSource(declaration, table, good, tuple(bad), hasher.hexdigest())


def text_problem(text: str) -> str:
    """Reason why a text cannot be learned; "" if it can."""
    if not text.strip():
        return "is empty"
    if len(text) > MAX_TEXT_LENGTH:
        return f"has {len(text):,} characters; the limit is {MAX_TEXT_LENGTH:,}"
    return "" if is_writable(text) else "has control characters or lone surrogates, which no answer may contain"


def check_texts(declaration: Declaration, example: Example, where: str) -> None:
    """Raises InputError for texts that are empty, too long, or cannot be written."""
    inputs = [
        (parameter.name, parameter.value_type, example.inputs[parameter.name])
        for parameter in declaration.parameters
        if not parameter.has_images
    ]
    texts = (
        (name, str(text))
        for name, value_type, value in (*inputs, ("answer", declaration.answer, example.answer))
        for _, text in select_values(value_type, value, lambda inner: inner.is_text)
    )
    problems = [Problem(name, problem, "") for name, text in texts if (problem := text_problem(text))]
    if problems:
        raise InputError(f"{where} is not an example", problems=tuple(problems))
