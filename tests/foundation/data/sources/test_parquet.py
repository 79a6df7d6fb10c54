"""Parquet: rows by row group, pictures as paths, bytes or records of both; faults are reported with their row."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from plait import Image
from plait.core.errors import InputError, MissingDependency, error_text
from plait.foundation.data.sources import row_groups
from plait.foundation.data.sources.columns import ColumnarTable
from plait.foundation.data.sources.open_table import open_table
from plait.foundation.data.sources.row_checks import open_rows
from tests.support.data_files import HF_IMAGE, with_features, write_parquet
from tests.support.shelf import BAD, PNG, png_claiming_size
from tests.support.user_row_sources import CORNERS, ROW, caption, find, row_without, write_jsonl

HELD: dict[str, Any] = {**ROW, "picture": PNG}


def test_rows_are_read_by_row_group_and_by_index(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "rows.parquet", [{**HELD, "phrase": f"mug {at}"} for at in range(7)], group=3)
    rows = open_rows(file, find.declaration)
    places = (6, 0, 3, 2, 5)
    assert [rows.sample(at).example.inputs["phrase"] for at in places] == [f"mug {at}" for at in places]
    assert rows.sample(6).where == f"{file}: row 7" and rows.sample(6).example.inputs["picture"] == Image(PNG)


def test_the_cache_of_row_groups_is_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write_parquet(tmp_path / "rows.parquet", [HELD] * 12, group=1)
    for most, cached in ((row_groups.MAX_CACHED_BYTES, {12}), (500, {1, 2, 3})):
        monkeypatch.setattr(row_groups, "MAX_CACHED_BYTES", most)
        table = open_table(file, find.declaration)
        assert isinstance(table, ColumnarTable)
        assert len([table.row(at, find.declaration) for at in range(12)]) == 12
        assert len(table.chunk_cache.chunks) in cached


def test_columns_that_are_no_inputs_are_not_read(tmp_path: Path) -> None:
    table = open_table(write_parquet(tmp_path / "rows.parquet", [{**HELD, "other": PNG, "n": 3}]), find.declaration)
    json_value: Any = table.row(0, find.declaration).json_value
    assert json_value["other"] is None and json_value["n"] is None and json_value["phrase"] == ROW["phrase"]


def test_paths_are_relative_to_the_folder_of_the_file_or_of_the_images(tmp_path: Path) -> None:
    write_jsonl(tmp_path)
    file = write_parquet(tmp_path / "rows.parquet", [ROW, {**ROW, "picture": str(tmp_path / "shelf.png")}])
    assert open_rows(file, find.declaration).sample(0).example.inputs["picture"] == Image(PNG)
    (tmp_path / "photos").mkdir()
    (tmp_path / "shelf.png").rename(tmp_path / "photos" / "shelf.png")
    write_parquet(file, [ROW])
    assert open_rows(file, find.declaration, tmp_path / "photos").length == 1


def test_a_picture_without_bytes_is_read_from_its_path(tmp_path: Path) -> None:
    write_jsonl(tmp_path)
    pictures = [HF_IMAGE, {"bytes": None, "path": "shelf.png"}, {"bytes": PNG, "path": None}]
    rows = open_rows(
        write_parquet(tmp_path / "a.parquet", [{**ROW, "picture": each} for each in pictures]), find.declaration
    )
    assert [rows.sample(at).example.inputs["picture"].file for at in range(3)] == ["shelf.png", "shelf.png", ""]  # type: ignore[attr-defined]


def test_class_numbers_become_class_names(tmp_path: Path) -> None:
    rows = [{"picture": PNG, "answer": number} for number in (0, 1, 1, 0, 1, -1, 7)]
    label = {"_type": "ClassLabel", "names": ["mug", "plate"]}
    file = write_parquet(tmp_path / "rows.parquet", rows * 2, schema=with_features(rows, {"answer": label}))
    with pytest.raises(InputError) as caught:
        open_rows(file, caption.declaration)
    assert caught.value.details[:2] == (
        f"{file}: row 6: answer: should be a text",
        f"{file}: row 7: answer: should be a text (7)",
    )
    write_parquet(file, rows[:5], schema=with_features(rows, {"answer": label}))
    opened = open_rows(file, caption.declaration)
    assert [opened.sample(at).example.answer for at in range(5)] == ["mug", "plate", "plate", "mug", "plate"]


def test_several_shards_are_one_source(tmp_path: Path) -> None:
    for at in range(3):
        rows = [{**HELD, "phrase": f"{at} {n}"} for n in range(2)]
        write_parquet(tmp_path / f"train-{at:05}-of-00003.parquet", rows)
    write_parquet(tmp_path / "train-more.parquet", [HELD])
    rows = open_rows(tmp_path / "train-*.parquet", find.declaration)
    assert [rows.sample(at).example.inputs["phrase"] for at in range(6)] == ["0 0", "0 1", "1 0", "1 1", "2 0", "2 1"]
    assert rows.name == f"{tmp_path}/train-*.parquet (find)" and rows.length == 6
    assert rows.sample(5).where == f"{tmp_path}/train-00002-of-00003.parquet: row 2"
    with pytest.raises(InputError, match=r"test-\*\.parquet is not a file"):
        open_rows(tmp_path / "test-*.parquet", find.declaration)


ROWS: dict[str, tuple[Any, str]] = {
    "no picture": ({**HELD, "picture": None}, "picture: should be the path of a picture"),
    "an empty picture": ({**HELD, "picture": b""}, "picture: is an empty image"),
    "a huge picture": (
        {**HELD, "picture": png_claiming_size(30_000, 30_000)},
        "picture: has 30,000 x 30,000 pixels, more than",
    ),
    "too many bytes": ({**HELD, "picture": PNG + bytes(20 * 2**20)}, "picture: has more than the 20 MiB"),
    "no text": ({**HELD, "phrase": None}, "phrase: should be a text"),
    "an empty text": ({**HELD, "phrase": " "}, 'phrase: should not be blank (" ")'),
    "no answer": ({**HELD, "answer": None}, "answer: should be an object with x0, y0, x1, y1"),
    "half a box": ({**HELD, "answer": {"x0": 8}}, "answer: should be in whole pixels"),
    "a box outside": ({**HELD, "answer": {**CORNERS, "x1": 65}}, "answer: lies outside of its picture"),
}


@pytest.mark.parametrize("what", ROWS)
def test_an_invalid_row_is_reported_with_its_number_and_reason(what: str, tmp_path: Path) -> None:
    row, reason = ROWS[what]
    file = write_parquet(tmp_path / "rows.parquet", [HELD] * 5 + [row])
    (bad,) = open_rows(file, find.declaration).bad_rows
    assert bad.where == f"{file}: row 6" and bad.reason.startswith(reason)


@pytest.mark.parametrize("what", ["a text", "a drawing", "cut short", "a GIF that moves"])
def test_an_invalid_picture_is_reported_with_the_message_of_its_decoder(what: str, tmp_path: Path) -> None:
    _, content, reason = BAD[what]
    (bad,) = open_rows(
        write_parquet(tmp_path / "a.parquet", [HELD] * 5 + [{**HELD, "picture": content}]), find.declaration
    ).bad_rows
    assert bad.reason.startswith(f"picture: {reason}")


def test_paths_open_only_pictures_and_urls_are_not_fetched(tmp_path: Path) -> None:
    write_jsonl(tmp_path)
    paths = ["/etc/passwd", "https://example.org/a.png", "../../gone.png", "hf://datasets/a/b.png"]
    rows = [ROW] * 20 + [{**ROW, "picture": path} for path in paths]
    bad = open_rows(write_parquet(tmp_path / "rows.parquet", rows), find.declaration).bad_rows
    assert [each.reason.partition(" (")[0] for each in bad] == [
        "picture: is not a picture; supported are PNG, JPEG, WebP, GIF and BMP",
        *["picture: cannot be read: No such file or directory"] * 3,
    ]


def test_wrong_columns_are_reported_with_a_suggestion(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "rows.parquet", [{**row_without("picture"), "pictre": PNG}])
    with pytest.raises(InputError, match="1 of 1 rows cannot be used for training") as caught:
        open_rows(file, find.declaration)
    assert caught.value.details == (f'{file}: row 1: picture: is missing; is it the column "pictre"?',)
    file = write_parquet(tmp_path / "types.parquet", [{"picture": 3, "phrase": PNG, "answer": [1, 2]}])
    with pytest.raises(InputError) as caught:
        open_rows(file, find.declaration)
    (detail,) = caught.value.details
    assert "should be the path of a picture (3)" in detail and "should be a text ({'bytes'" in detail


def test_a_duplicate_column_is_refused(tmp_path: Path) -> None:
    table = pa.Table.from_arrays([pa.array(["a"]), pa.array(["b"])], names=["phrase", "phrase"])
    pa.parquet.write_table(table, tmp_path / "rows.parquet")
    with pytest.raises(InputError, match="has two columns called phrase"):
        open_rows(tmp_path / "rows.parquet", find.declaration)


def test_a_truncated_empty_or_other_file_is_refused(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "rows.parquet", [HELD] * 8)
    whole = file.read_bytes()
    for content in (whole[:-20], whole[:100], b"", b"PAR1" * 10, b'{"picture": "shelf.png"}'):
        file.write_bytes(content)
        with pytest.raises(InputError, match="is not a Parquet file") as caught:
            open_rows(file, find.declaration)
        assert "truncated" in caught.value.hint
    file.unlink()
    with pytest.raises(InputError, match=r"rows\.parquet cannot be read: No such file"):
        open_rows(file, find.declaration)
    with pytest.raises(InputError, match="has no rows"):
        open_rows(write_parquet(file, [], schema=pa.schema([("picture", pa.binary())])), find.declaration)


def test_rows_of_a_damaged_row_group_are_invalid_and_the_others_are_used(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "rows.parquet", [{**HELD, "phrase": f"mug {at}"} for at in range(12)], group=2)
    content = bytearray(file.read_bytes())
    at = pa.parquet.ParquetFile(file).metadata.row_group(3).column(0).dictionary_page_offset
    content[at : at + 12] = b"\xff" * 12
    file.write_bytes(content)
    rows = open_rows(file, find.declaration)
    assert [bad.where for bad in rows.bad_rows] == [f"{file}: row 7", f"{file}: row 8"] and rows.length == 10
    assert all(bad.reason.startswith("cannot be read: ") for bad in rows.bad_rows)


def test_a_row_group_larger_than_the_memory_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("plait.foundation.data.sources.parquet.MAX_CHUNK_BYTES", 1_000)
    big = [{**HELD, "picture": PNG + bytes([at]) * 300} for at in range(9)]
    with pytest.raises(InputError, match="row group 1 takes") as caught:
        open_rows(write_parquet(tmp_path / "rows.parquet", big, group=9), find.declaration)
    assert "row_group_size=100" in caught.value.hint


def test_without_pyarrow_the_error_names_the_command_that_installs_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = write_parquet(tmp_path / "rows.parquet", [HELD])
    for name in [each for each in sys.modules if each.partition(".")[0] == "pyarrow"]:
        monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(MissingDependency) as caught:
        open_rows(file, find.declaration)
    assert error_text(caught.value) == (
        "MissingDependency: Parquet and Arrow files need the package pyarrow\n  → pip install -e '.[tables]'"
    )


def test_pyarrow_is_imported_lazily() -> None:
    code = "import sys, plait.foundation.data.sources.row_checks; sys.exit('pyarrow' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=240).returncode == 0


def test_a_file_deleted_since_is_reported(tmp_path: Path) -> None:
    file = write_parquet(tmp_path / "rows.parquet", [HELD] * 4)
    rows = open_rows(file, find.declaration)
    file.unlink()
    rows.table.chunk_cache.chunks.clear()  # type: ignore[attr-defined]
    with pytest.raises(InputError, match=r"rows\.parquet: row 1 cannot be read: .*No such file"):
        rows.sample(0)
