"""Tasks of pictures are scored on the exports of annotation tools, held-out parts first."""

import json
from pathlib import Path

import pytest

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.foundation.data.sources.annotations.exported_rows import rows_files
from tests.support.annotation_writers import Labelled, write_pictures, write_roboflow, write_voc
from tests.support.user_row_sources import find, find_all

MUG = Labelled("1.png", (64, 48), (("mug", (8, 16, 24, 40)),))
BOARD = Labelled("2.png", (64, 48), (("board", (0, 40, 64, 48)),))


def files_of(declaration: Declaration, path: Path) -> list[Path]:
    return rows_files(declaration, path, print)


def test_rows_have_pictures_that_are_found_from_anywhere(tmp_path: Path) -> None:
    (file,) = files_of(find.declaration, write_voc(tmp_path, [MUG, BOARD]))
    rows = [json.loads(line) for line in file.read_text().splitlines()]
    assert [each["phrase"] for each in rows] == ["mug", "board"]
    assert [Path(each["picture"]) for each in rows] == [tmp_path / "JPEGImages" / name for name in ("1.png", "2.png")]
    assert files_of(find.declaration, tmp_path / "Annotations") == [file], "a journal is found again"
    (other,) = files_of(find_all.declaration, tmp_path)
    assert other != file and len(other.read_text().splitlines()) == 2


def test_the_held_out_part_of_an_export_is_what_is_scored(tmp_path: Path) -> None:
    source = write_roboflow(tmp_path, [MUG])
    (only,) = files_of(find.declaration, tmp_path)
    assert "train" in only.name
    valid = tmp_path / "valid"
    write_pictures(valid, [MUG])
    (valid / source.name).write_bytes(source.read_bytes() + b" ")
    (held_out,) = files_of(find.declaration, tmp_path)
    assert "valid" in held_out.name
    assert files_of(find.declaration, tmp_path / "train") == [only]


def test_what_is_left_out_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = write_voc(tmp_path, [Labelled(f"{n}.png", MUG.size, MUG.things) for n in range(6)])
    (folder / "3.xml").write_text("<annotation>")
    (file,) = files_of(find.declaration, folder)
    assert len(file.read_text().splitlines()) == 5
    assert f"{folder}: 1 of 6 rows are left out\n  {folder / '3.xml'} is not XML: " in capsys.readouterr().out


def test_what_has_no_annotated_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.md").write_text("nothing")
    for path in (tmp_path, tmp_path / "notes.md", tmp_path / "gone"):
        with pytest.raises(InputError, match="is no table and has no annotated pictures"):
            files_of(find.declaration, path)
