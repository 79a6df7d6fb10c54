"""Rows are the same rows in whichever format they come."""

import json
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel

from plait import Image
from plait.core.task.declaration import Declaration
from plait.core.task.task import task
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.data_files import HF_IMAGE, IMAGE, save_dataset, write_parquet, write_webdataset
from tests.support.shelf import PNG
from tests.support.user_row_sources import CORNERS, ROW, Thing, find, find_all, write_jsonl


class Weighed(BaseModel):
    thing: Thing
    grams: float | None
    marks: list[str] = []


@task
def weigh(picture: Image, hint: str = "all", unit: str | None = None) -> list[Weighed]:
    """What does each thing in {picture} weigh? {hint} {unit}"""
    ...


texts = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
corners = st.integers(0, 40)
boxes = st.builds(lambda x, y: {"x0": x, "y0": y, "x1": x + 3, "y1": y + 5}, corners, corners)
things = st.fixed_dictionaries({"label": texts, "box": boxes})
weighed = st.fixed_dictionaries(
    {"thing": things, "grams": st.none() | st.floats(0, 1e6)}, optional={"marks": st.lists(texts, max_size=2)}
)
TASKS: dict[str, tuple[Declaration, str, st.SearchStrategy[dict[str, Any]]]] = {
    "find": (find.declaration, "picture", st.fixed_dictionaries({"phrase": texts, "answer": boxes})),
    "find_all": (find_all.declaration, "photo", st.fixed_dictionaries({"answer": st.lists(things, max_size=3)})),
    "weigh": (
        weigh.declaration,
        "picture",
        st.fixed_dictionaries({"answer": st.lists(weighed, max_size=2)}, optional={"hint": texts, "unit": texts}),
    ),
}


@pytest.fixture(scope="module")
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as path:
        yield Path(path)


@pytest.mark.parametrize("name", TASKS)
@settings(max_examples=10, deadline=None)
@given(st.data())
def test_every_format_gives_the_same_rows_as_json_lines(name: str, folder: Path, data: st.DataObject) -> None:
    declaration, parameter, one = TASKS[name]
    rows = [{parameter: "shelf.png", **row} for row in data.draw(st.lists(one, min_size=1, max_size=5))]
    shutil.rmtree(folder / "saved", ignore_errors=True)
    (folder / "shelf.png").write_bytes(PNG)
    expected = open_rows(write_jsonl(folder, *rows), declaration)
    source_file = {
        "paths": write_parquet(folder / "paths.parquet", rows),
        "bytes": write_parquet(folder / "bytes.parquet", [{**row, parameter: PNG} for row in rows]),
        "records": write_parquet(folder / "records.parquet", [{**row, parameter: HF_IMAGE} for row in rows]),
        "texts": write_parquet(
            folder / "texts.parquet", [{**row, "answer": json.dumps(row["answer"])} for row in rows]
        ),
        "webdataset": write_webdataset(folder / "rows.tar", rows, parameter),
        "arrow": save_dataset(
            folder / "saved", [{**row, parameter: HF_IMAGE} for row in rows], {parameter: IMAGE}, shards=2
        ),
    }
    for form, file in source_file.items():
        actual = open_rows(file, declaration)
        assert actual.bad_rows == (), form
        assert [actual.sample(at).example for at in range(actual.length)] == [
            expected.sample(at).example for at in range(expected.length)
        ], form


def test_a_record_of_lists_is_a_list_of_records(tmp_path: Path) -> None:
    """As `datasets` wrote a Sequence of records."""
    answer = {"label": ["mug", "plate"], "box": [CORNERS, CORNERS]}
    rows = open_rows(write_parquet(tmp_path / "rows.parquet", [{"photo": PNG, "answer": answer}]), find_all.declaration)
    records: Any = rows.sample(0).example.answer
    assert [each.label for each in records] == ["mug", "plate"]


def test_a_text_in_a_column_of_boxes_is_parsed_as_in_a_table(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "rows.parquet", [{**ROW, "picture": PNG, "answer": "8, 16, 24, 40"}])
    box = open_rows(file, find.declaration).sample(0).example.answer
    assert vars(box) == CORNERS


def test_the_digest_depends_on_pictures_and_not_on_the_folder(tmp_path: Path) -> None:
    digests: dict[str, list[str]] = {}
    for at, content in enumerate((PNG, PNG, PNG + b"\0")):
        folder = tmp_path / str(at)
        folder.mkdir()
        rows = [{**ROW, "picture": content}] * 2
        of = {
            "parquet": write_parquet(folder / "a-0000.parquet", rows),
            "saved": save_dataset(folder / "saved", rows, {}, shards=2),
        }
        write_parquet(folder / "a-0001.parquet", rows)
        for form, file in (*of.items(), ("shards", folder / "a-*.parquet")):
            digests.setdefault(form, []).append(open_rows(file, find.declaration).digest)
    assert all(first == second != third for first, second, third in digests.values()) and len(digests) == 3
