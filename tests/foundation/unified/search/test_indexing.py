"""What is kept of a folder: made once, brought up to date, never trusted where it is damaged or of other weights."""

import os
from pathlib import Path

import numpy as np
import pytest

from plait.core.errors import InputError
from plait.foundation.data.resizing import letterbox_image
from plait.foundation.unified.search import indexing
from plait.foundation.unified.search.folder import image_files
from plait.foundation.unified.search.index import EmbeddingIndex, index_path
from plait.foundation.unified.search.indexing import IndexBuilder
from tests.support.picture_folders import embedder, filled, scenes

COUNT = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return filled(tmp_path / "pictures", scenes(COUNT))


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are opened to be embedded."""
    opened: list[str] = []

    def noted(image: object, side: int) -> object:
        opened.append(image.file)  # type: ignore[attr-defined]
        return letterbox_image(image, side)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing, "letterbox_image", noted)
    return opened


def gathered(folder: Path, told: list[str] | None = None) -> EmbeddingIndex:
    tell = (told if told is not None else []).append
    return IndexBuilder(folder, "plait-nano", embedder(), tell).build(image_files(folder))


def test_a_second_search_encodes_no_picture_again(folder: Path, looked_at: list[str]) -> None:
    first = gathered(folder)
    assert len(looked_at) == COUNT
    second = gathered(folder)
    assert len(looked_at) == COUNT
    assert second.files == first.files and np.array_equal(second.embeddings, first.embeddings)


def test_new_changed_and_deleted_pictures_are_noticed(folder: Path, looked_at: list[str]) -> None:
    before = gathered(folder)
    looked_at.clear()
    (folder / "000.png").unlink()
    (folder / "001.png").write_bytes((folder / "002.png").read_bytes())
    os.utime(folder / "001.png", ns=(1, 1))
    (folder / "below").mkdir()
    (folder / "below" / "new.PNG").write_bytes((folder / "003.png").read_bytes())
    after = gathered(folder)
    assert sorted(looked_at) == ["001.png", "new.PNG"]
    rows = {file.path: row for file, row in zip(after.files, after.embeddings, strict=True)}
    assert sorted(rows) == ["001.png", "002.png", "003.png", "004.png", "005.png", "below/new.PNG"]
    old = {file.path: row for file, row in zip(before.files, before.embeddings, strict=True)}
    assert np.allclose(rows["001.png"], old["002.png"], atol=0.05)
    assert np.array_equal(rows["005.png"], old["005.png"])


def test_a_damaged_picture_is_reported_and_skipped(folder: Path) -> None:
    (folder / "cut.png").write_bytes((folder / "000.png").read_bytes()[:100])
    (folder / "none.jpg").write_text("hello")
    told: list[str] = []
    assert len(gathered(folder, told).files) == COUNT
    assert ["cut.png" in told[0], "none.jpg" in told[1]] == [True, True]


def test_a_folder_of_damaged_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(InputError, match="none of the 1 pictures"):
        gathered(tmp_path)


def test_a_file_name_that_is_not_utf_8_is_accepted(folder: Path, looked_at: list[str]) -> None:
    (folder / "000.png").rename(folder / os.fsdecode(b"\xff.png"))
    gathered(folder)
    assert len(gathered(folder).files) == COUNT == len(looked_at)


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff" * 200])
def test_a_damaged_index_is_rebuilt(folder: Path, looked_at: list[str], content: bytes) -> None:
    gathered(folder)
    index_path(folder, "plait-nano").write_bytes(content)
    assert len(gathered(folder).files) == COUNT and len(looked_at) == 2 * COUNT


def test_an_index_of_other_weights_is_rebuilt(
    folder: Path, looked_at: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    gathered(folder)
    monkeypatch.setattr(type(embedder()), "version", "of other weights")
    gathered(folder)
    assert len(looked_at) == 2 * COUNT


def test_other_weights_are_another_version() -> None:
    before = embedder().version
    start = embedder().model.start
    kept = start[0].item()
    try:
        start[0] += 1
        assert embedder().version != before
    finally:
        start[0] = kept
    assert embedder().version == before


def test_ctrl_c_keeps_the_finished_embeddings(
    folder: Path, monkeypatch: pytest.MonkeyPatch, looked_at: list[str]
) -> None:
    monkeypatch.setattr(indexing, "BATCH_SIZE", 2)
    counted = indexing.letterbox_image

    def stopped(image: object, side: int) -> object:
        if len(looked_at) == 5:
            raise KeyboardInterrupt
        return counted(image, side)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing, "letterbox_image", stopped)
    with pytest.raises(KeyboardInterrupt):
        gathered(folder)
    monkeypatch.setattr(indexing, "letterbox_image", counted)
    looked_at.clear()
    assert len(gathered(folder).files) == COUNT
    assert looked_at == ["004.png", "005.png"]


def test_nothing_is_written_to_the_folder_of_pictures(folder: Path) -> None:
    before = sorted(folder.iterdir())
    gathered(folder)
    assert sorted(folder.iterdir()) == before


def test_a_search_works_without_a_writable_data_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "file"))
    told: list[str] = []
    assert len(gathered(folder, told).files) == COUNT
    assert "PLAIT_DATA" in "".join(told)
