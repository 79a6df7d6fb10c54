"""The user's own rows: JSON lines and tables, read by core's reader, reached by their place."""

import json
import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plait import Box, Image
from plait.core.errors import InputError
from plait.core.evaluation.rows import read_rows
from plait.core.task.task import task
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.shelf import PNG
from tests.support.user_row_sources import CORNERS, ROW, find, find_all, name_it, write_jsonl

RED_MUG = {"picture": Image(PNG), "phrase": "the red mug"}


def test_json_lines_are_samples(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, ROW, "", {**ROW, "phrase": "红色的杯子", "mine": 7})
    rows = open_rows(file, find.declaration)
    assert rows.length == 2 and rows.bad_rows == ()
    assert rows.sample(0).example.inputs == RED_MUG and rows.sample(0).example.answer == Box(*CORNERS.values())
    assert rows.sample(1).example.inputs["phrase"] == "红色的杯子" and rows.sample(1).where == f"{file}:3"


def test_a_table_has_its_answer_in_several_columns_or_in_one(tmp_path: Path) -> None:
    write_jsonl(tmp_path)
    spread = tmp_path / "spread.csv"
    spread.write_text("picture,phrase,answer.x0,answer.y0,answer.x1,answer.y1\nshelf.png,the red mug,8,16,24,40\n")
    inside = tmp_path / "inside.csv"
    inside.write_text('answer,phrase,picture\n"8, 16, 24, 40",the red mug,shelf.png\n')
    for file in (spread, inside):
        (row,) = (open_rows(file, find.declaration).sample(0),)
        assert row.example.inputs == RED_MUG and row.example.answer == Box(*CORNERS.values())


def test_a_table_may_contain_lists_and_boxes(tmp_path: Path) -> None:
    write_jsonl(tmp_path)
    file = tmp_path / "all.csv"
    names = [f"answer.{at}.{field}" for at in (0, 1) for field in ("label", "box.x0", "box.y0", "box.x1", "box.y1")]
    file.write_text(
        f"photo,{','.join(names)}\nshelf.png,red mug,8,16,24,40,blue mug,40,16,56,40\nshelf.png{',' * 10}\n"
    )
    rows = open_rows(file, find_all.declaration)
    assert [(each.label, each.box) for each in rows.sample(0).example.answer] == [  # type: ignore[attr-defined]
        ("red mug", Box(8, 16, 24, 40)),
        ("blue mug", Box(40, 16, 56, 40)),
    ]
    assert rows.sample(1).example.answer == []
    file.write_text('picture,region,answer\nshelf.png,"8,16,24,40",a red mug\n')
    assert open_rows(file, name_it.declaration).sample(0).example.inputs["region"] == Box(8, 16, 24, 40)


def test_evaluation_reads_the_same_rows(tmp_path: Path) -> None:
    write_jsonl(tmp_path)
    file = tmp_path / "spread.csv"
    file.write_text("picture,phrase,answer.x0,answer.y0,answer.x1,answer.y1\nshelf.png,the red mug,8,16,24,40\n")
    (row,) = read_rows(find.declaration, file)
    assert row.example() == open_rows(file, find.declaration).sample(0).example
    excel = tmp_path / "EXCEL.CSV"
    excel.write_text(file.read_text().replace(",", ";"), "utf-8-sig")
    assert row.example() == open_rows(excel, find.declaration).sample(0).example


def test_pictures_may_be_in_a_separate_folder(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    file = write_jsonl(tmp_path, ROW)
    (tmp_path / "shelf.png").rename(tmp_path / "photos" / "shelf.png")
    assert open_rows(file, find.declaration, tmp_path / "photos").sample(0).example.inputs == RED_MUG
    with pytest.raises(InputError, match="1 of 1 rows cannot be used for training"):
        open_rows(file, find.declaration)


def test_a_picture_may_be_embedded_in_its_row(tmp_path: Path) -> None:
    rows = open_rows(write_jsonl(tmp_path, {**ROW, "picture": Image(PNG).data_url}), find.declaration)
    assert rows.sample(0).example.inputs == RED_MUG


phrases = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=30).filter(str.strip)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(phrases, min_size=1, max_size=8), st.sampled_from(["", "\n", "\r\n"]))
def test_every_line_is_read_by_its_index(tmp_path: Path, said: list[str], end: str) -> None:
    file = write_jsonl(tmp_path, *({**ROW, "phrase": each} for each in said), end=end)
    raw = tmp_path / "raw.jsonl"
    raw.write_text("\n".join(json.dumps({**ROW, "phrase": each}, ensure_ascii=False) for each in said), "utf-8")
    for rows in (open_rows(file, find.declaration), open_rows(raw, find.declaration)):
        places = reversed(range(rows.length))
        assert [rows.sample(place).example.inputs["phrase"] for place in places] == said[::-1]


# ── the digest ──


def test_the_digest_changes_with_table_picture_and_task(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, ROW, ROW)
    before = open_rows(file, find.declaration).digest
    assert open_rows(file, find.declaration).digest == before
    os.utime(file)
    assert open_rows(file, find.declaration).digest == before
    (tmp_path / "shelf.png").write_bytes(PNG + b"\0")
    assert open_rows(file, find.declaration).digest != before
    assert open_rows(write_jsonl(tmp_path, ROW, {**ROW, "phrase": "x"}), find.declaration).digest != before


def test_the_digest_does_not_depend_on_the_folder(tmp_path: Path) -> None:
    digests = set()
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
        digests.add(open_rows(write_jsonl(tmp_path / name, ROW), find.declaration).digest)
    assert len(digests) == 1


# ── what turns out only when it is drawn ──


def test_a_truncated_picture_is_reported_when_it_is_decoded(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, *[ROW] * 6, {**ROW, "picture": "cut.png"})
    (tmp_path / "cut.png").write_bytes(PNG[: len(PNG) // 2])
    rows = open_rows(file, find.declaration)
    assert rows.length == 7
    reason = "picture: is damaged or truncated: it cannot be read completely (cut.png, 90 bytes)"
    with pytest.raises(InputError) as caught:
        rows.sample(6)
    assert caught.value.message == f"{file}:7 {reason}"


def test_a_file_deleted_while_it_is_read_is_refused(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, ROW, ROW)
    rows = open_rows(file, find.declaration)
    file.unlink()
    with pytest.raises(InputError, match=r"rows\.jsonl cannot be read"):
        rows.sample(0)


def test_a_task_with_pictures_inside_records_is_refused(tmp_path: Path) -> None:
    @task
    def compare(pictures: list[Image]) -> str:
        """What differs between {pictures}?"""
        ...

    with pytest.raises(InputError, match="compare cannot be trained on: pictures contains pictures"):
        open_rows(write_jsonl(tmp_path, ROW), compare.declaration)
