"""Answers as a table: a column per field of a flat record, and rows that are read back as the same answers."""

import csv
import io
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel

from plait import task
from plait.core.calls.answer_table import answer_cells, answer_columns, csv_line, has_media, renamed_columns
from plait.core.evaluation.rows import DatasetRow
from plait.core.values.call_context import call_context
from plait.core.values.json_value import Json
from plait.tasks.detect import detect
from plait.tasks.draw import draw
from plait.tasks.extract_invoice import extract_invoice
from plait.tasks.sort_message import sort_message

texts = st.text(st.characters(codec="utf-8", exclude_characters="\r"), min_size=1).filter(str.strip)


class Flat(BaseModel):
    title: str
    count: int
    share: float
    done: bool
    mood: Literal["calm", "lively"]
    note: str | None


class Nested(BaseModel):
    title: str
    tags: list[str]


@task
def flat(text: str) -> Flat:
    """Read {text}."""
    ...


@task
def nested(text: str) -> Nested:
    """Read {text}."""
    ...


@task
def number(text: str) -> int:
    """Count {text}."""
    ...


@task
def echo(text: str) -> str:
    """Repeat {text}."""
    ...


def read_back(declared: Any, json_value: Json) -> object:
    """The answer that is read from the table."""
    line = csv_line(["a text", *answer_cells(declared, json_value)])
    columns = ["text", *answer_columns(declared)]
    (cells,) = csv.reader(io.StringIO(line, newline=""))
    return DatasetRow(declared, 1, "rows.csv:2", dict(zip(columns, cells, strict=True)), Path()).example().answer


def test_a_flat_record_has_a_column_for_each_field() -> None:
    assert answer_columns(sort_message.declaration) == ("answer.label", "answer.urgency", "answer.summary")
    assert answer_columns(extract_invoice.declaration) == ("answer",)
    assert answer_columns(number.declaration) == ("answer",)


@given(
    st.builds(
        Flat,
        title=texts,
        count=st.integers(-(10**9), 10**9),
        share=st.floats(allow_nan=False, allow_infinity=False, width=32),
        done=st.booleans(),
        mood=st.sampled_from(["calm", "lively"]),
        note=st.none() | texts,
    )
)
def test_a_flat_answer_is_read_back(answer: Flat) -> None:
    declared = flat.declaration
    assert read_back(declared, declared.answer.encode(answer, call_context(declared, {"text": "a"}))) == answer


@given(st.builds(Nested, title=texts, tags=st.lists(st.text())))
def test_an_answer_with_lists_is_read_back(answer: Nested) -> None:
    declared = nested.declaration
    assert read_back(declared, declared.answer.encode(answer, call_context(declared, {"text": "a"}))) == answer


@pytest.mark.parametrize(("declared", "answer"), [(number, 7), (echo, '1,5 "quoted"\nand a line'), (echo, "null")])
def test_a_plain_answer_is_read_back(declared: Any, answer: Json) -> None:
    assert read_back(declared.declaration, answer) == answer


def test_a_column_of_the_file_does_not_hide_an_answer() -> None:
    columns = ["message", "answer", "answer.label", "error", "id"]
    expected = ["message", "file.answer", "file.answer.label", "file.error", "id"]
    assert renamed_columns(sort_message.declaration, columns) == expected


def test_pictures_do_not_fit_into_a_table() -> None:
    assert has_media(detect.declaration) and has_media(draw.declaration)
    assert not has_media(sort_message.declaration)
