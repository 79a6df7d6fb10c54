"""Invalid rows are reported with file, line and reason; the others are used."""

from pathlib import Path
from typing import Any

import pytest

from plait.core.errors import InputError, error_text
from plait.foundation.data.sources.open_table import SUPPORTED_FORMATS
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.shelf import BAD, encode_picture, shelf
from tests.support.user_row_sources import CORNERS, ROW, find, name_it, row_without, write_jsonl

LATER = ("cut short", "a JPEG cut short", "a broken checksum")  # what a header does not tell
LINES: dict[str, tuple[Any, str]] = {
    "a missing picture": (
        {**ROW, "picture": "shlf.png"},
        'picture: cannot be read: No such file or directory ("shlf.png")',
    ),
    "a folder": ({**ROW, "picture": "."}, 'picture: cannot be read: Is a directory (".")'),
    "no path": ({**ROW, "picture": 3}, "picture: should be the path of a picture (3)"),
    "a tiny picture": (
        {**ROW, "picture": "tiny.png"},
        'picture: has 64 x 15 pixels, and 16 x 16 are the least ("tiny.png")',
    ),
    "an empty text": ({**ROW, "phrase": " "}, 'phrase: should not be blank (" ")'),
    "a long text": ({**ROW, "phrase": "x" * 10_000}, "phrase: has 10,000 characters; the limit is 2,000"),
    "no text": ({**ROW, "phrase": 5}, "phrase: should be a text (5)"),
    "a box of no area": (
        {**ROW, "answer": {**CORNERS, "x1": 8}},
        "answer: should have 0 <= x0 < x1 and 0 <= y0 < y1 ({'x0': 8, 'y0': 16, 'x1': 8, 'y1': 40})",
    ),
    "a box outside": (
        {**ROW, "answer": {**CORNERS, "x1": 65}},
        "answer: lies outside of its picture, which has 64 x 48 pixels ({'x0': 8, 'y0': 16, 'x1': 65, 'y1': 40})",
    ),
    "a wrong column": (
        {**row_without("picture"), "pictre": "shelf.png"},
        'picture: is missing; is it the column "pictre"?',
    ),
    "no column": (row_without("phrase"), "phrase: is missing; there are the columns picture, answer"),
    "a wrong answer": ({**row_without("answer"), "anser": CORNERS}, 'has no answer; is it the column "anser"?'),
    "no object": ("[1, 2]", "has no answer"),
    "no JSON": ('{"picture": NaN}', "is not JSON: expected value at line 1 column 13"),
}


@pytest.mark.parametrize("what", LINES)
def test_an_invalid_row_is_reported_with_file_line_and_reason(what: str, tmp_path: Path) -> None:
    row, reason = LINES[what]
    (tmp_path / "tiny.png").write_bytes(encode_picture(shelf((64, 15))))
    file = write_jsonl(tmp_path, ROW, ROW, row, *[ROW] * 3)
    rows = open_rows(file, find.declaration)
    assert [str(bad) for bad in rows.bad_rows] == [f"{file}:3 {reason}"]
    assert rows.length == 5 and [rows.sample(at).where for at in (1, 2)] == [f"{file}:2", f"{file}:4"]


@pytest.mark.parametrize("what", BAD)
def test_faults_visible_in_picture_headers_are_reported_before_training(what: str, tmp_path: Path) -> None:
    name, content, reason = BAD[what]
    (tmp_path / f"other-{name}").write_bytes(content)
    rows = open_rows(write_jsonl(tmp_path, *[ROW] * 5, {**ROW, "picture": f"other-{name}"}), find.declaration)
    if what in LATER:
        assert rows.bad_rows == () and rows.length == 6
        with pytest.raises(InputError, match="is damaged or truncated"):
            rows.sample(5)
    else:
        (bad,) = rows.bad_rows
        assert bad.reason.startswith(f"picture: {reason}") and bad.where.endswith("rows.jsonl:6")


def test_a_box_input_is_checked_against_its_picture(tmp_path: Path) -> None:
    row = {"picture": "shelf.png", "region": CORNERS, "answer": "a mug"}
    rows = open_rows(write_jsonl(tmp_path, *[row] * 5, {**row, "region": {**CORNERS, "y1": 49}}), name_it.declaration)
    assert [bad.reason for bad in rows.bad_rows] == [
        "region: lies outside of its picture, which has 64 x 48 pixels (Box(x0=8, y0=16, x1=24, y1=49))"
    ]
    rows = open_rows(write_jsonl(tmp_path, *[row] * 5, {**row, "answer": ""}), name_it.declaration)
    assert [bad.reason for bad in rows.bad_rows] == ["answer: is empty"]


def test_a_truncated_shard_is_reported_and_its_complete_rows_are_used(tmp_path: Path) -> None:
    file = write_jsonl(tmp_path, *[ROW] * 8)
    whole = file.read_bytes()
    file.write_bytes(whole[:-60])
    rows = open_rows(file, find.declaration)
    assert rows.length == 7
    (bad,) = rows.bad_rows
    assert bad.where == f"{file}:8" and bad.reason.startswith("is not JSON: EOF while parsing")
    assert bad.reason.endswith("; the file ends within this line and may be truncated")
    file.write_bytes(whole.rstrip())
    assert open_rows(file, find.declaration).bad_rows == ()


HEAD = "picture,phrase,answer.x0,answer.y0,answer.x1,answer.y1\n"
CELLS = "shelf.png,the red mug,8,16,24,40\n"
TABLES = {
    "a comma without quotes": (
        "shelf.png,red, mug,8,16,24,40\n",
        "has more cells than columns: put commas inside quotes",
    ),
    "a row cut short": ("shelf.png,red,8", "answer: is missing"),
    "a text for a number": (
        "shelf.png,red,8,x,24,40\n",
        'answer: should be four whole numbers: left, top, right, bottom ("x")',
    ),
    "quotes cut short": ('shelf.png,"red,8,16,24,40\n', "cannot be read: unexpected end of data"),
    "an empty cell": ("shelf.png,,8,16,24,40\n", 'phrase: should not be blank ("")'),
}


@pytest.mark.parametrize("what", TABLES)
def test_an_invalid_row_of_a_table_is_reported_with_its_line(what: str, tmp_path: Path) -> None:
    write_jsonl(tmp_path)
    cells, reason = TABLES[what]
    file = tmp_path / "rows.csv"
    file.write_text(HEAD + CELLS * 5 + cells)
    rows = open_rows(file, find.declaration)
    assert [str(bad) for bad in rows.bad_rows] == [f"{file}:7 {reason}"] and rows.length == 5


# ── too many ──


def test_up_to_a_fifth_of_invalid_rows_are_skipped_and_more_is_an_error(tmp_path: Path) -> None:
    bad = row_without("picture")
    assert open_rows(write_jsonl(tmp_path, *[ROW] * 4, bad), find.declaration).length == 4
    file = write_jsonl(tmp_path, *[ROW] * 7, bad, bad)
    with pytest.raises(InputError) as caught:
        open_rows(file, find.declaration)
    assert error_text(caught.value) == (
        f"InputError: {file}: 2 of 9 rows cannot be used for training\n"
        f"    {file}:8: picture: is missing; there are the columns phrase, answer\n"
        f"    {file}:9: picture: is missing; there are the columns phrase, answer\n"
        "  → correct or remove them; up to a fifth of the rows would be skipped with a warning"
    )


def test_of_many_invalid_rows_the_first_are_reported(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        open_rows(write_jsonl(tmp_path, *[row_without("answer")] * 1_200), find.declaration)
    assert "1,200 of 1,200 rows" in caught.value.message
    assert len(caught.value.details) == 6 and caught.value.details[-1] == "and 1,195 more"


def test_an_invalid_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"rows\.jsonl has no rows"):
        open_rows(write_jsonl(tmp_path, end=""), find.declaration)
    with pytest.raises(InputError, match=r"nope\.jsonl cannot be read: No such file"):
        open_rows(tmp_path / "nope.jsonl", find.declaration)
    with pytest.raises(InputError, match="has an unsupported format") as caught:
        open_rows(tmp_path / "rows.xlsx", find.declaration)
    assert caught.value.hint == SUPPORTED_FORMATS
