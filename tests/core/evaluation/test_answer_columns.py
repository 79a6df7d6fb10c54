"""Rows of a table: the right answer in one column, or spread over several."""

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from plait.core.errors import InputError, error_text
from plait.core.evaluation.rows import DatasetRow, read_rows
from plait.core.task.task import task


class Order(BaseModel):
    what: str
    count: int
    tags: list[str] = []


@task
def read_order(text: str) -> Order:
    """Read {text}."""
    ...


@task
def count(text: str) -> int:
    """How many are in {text}?"""
    ...


def row(file: Path, text: str) -> DatasetRow:
    file.write_text(text, "utf-8")
    (dataset_row,) = read_rows((read_order if "answer.what" in text else count).declaration, file)
    return dataset_row


words_said = st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters='"'), min_size=1).filter(
    str.strip
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words_said, st.integers(-99, 99), st.lists(words_said, min_size=2, max_size=2))
def test_an_answer_is_spread_over_columns(tmp_path: Path, what: str, number: int, tags: list[str]) -> None:
    head = "text,answer.what,answer.count,answer.tags.0,answer.tags.1"
    dataset_row = row(tmp_path / "rows.csv", f'{head}\nx,"{what}",{number},"{tags[0]}","{tags[1]}"\n')
    assert dataset_row.example().answer == Order(what=what, count=number, tags=tags)


def test_columns_of_the_answer_are_not_slices(tmp_path: Path) -> None:
    dataset_row = row(tmp_path / "rows.csv", "text,answer.what,answer.count,shop\nx,mug,2,north\n")
    assert dataset_row.slices() == {"shop": "north"}
    assert dataset_row.inputs() == {"text": "x"}


def test_a_column_with_a_similar_name_is_not_part_of_the_answer(tmp_path: Path) -> None:
    assert row(tmp_path / "rows.csv", "text,answer,answers\nx,2,7\n").slices() == {"answers": "7"}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("text,answer\nx,many\n", 'answer: should be a whole number    "many"'),
        ("text,answer.what,answer.count\nx,mug,many\n", 'answer.count: should be a whole number    "many"'),
        ("text,answer.what\nx,mug\n", "answer.count: is missing"),
    ],
)
def test_an_invalid_answer_of_a_table_is_reported_with_its_line(text: str, message: str, tmp_path: Path) -> None:
    file = tmp_path / "rows.csv"
    with pytest.raises(InputError) as caught:
        row(file, text).example()
    assert error_text(caught.value).startswith(f"InputError: {file}:2 has an invalid answer\n    {message}")
