"""The index of a folder: built once, updated, and rebuilt if damaged or made by other weights."""

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
from tests.support.picture_folders import embedder, sample_scenes, save_pictures

COUNT = 6


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return save_pictures(tmp_path / "pictures", sample_scenes(COUNT))


@pytest.fixture
def encoded_files(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files that are opened to be embedded."""
    opened: list[str] = []

    def noted(image: object, side: int) -> object:
        opened.append(image.file)  # type: ignore[attr-defined]
        return letterbox_image(image, side)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing, "letterbox_image", noted)
    return opened


def build_index(folder: Path, messages: list[str] | None = None) -> EmbeddingIndex:
    tell = (messages if messages is not None else []).append
    return IndexBuilder(folder, "plait-nano", embedder(), tell).build(image_files(folder))


def test_a_second_search_encodes_no_picture_again(folder: Path, encoded_files: list[str]) -> None:
    first = build_index(folder)
    assert len(encoded_files) == COUNT
    second = build_index(folder)
    assert len(encoded_files) == COUNT
    assert second.files == first.files and np.array_equal(second.embeddings, first.embeddings)


def test_new_changed_and_deleted_pictures_are_noticed(folder: Path, encoded_files: list[str]) -> None:
    before = build_index(folder)
    encoded_files.clear()
    (folder / "000.png").unlink()
    (folder / "001.png").write_bytes((folder / "002.png").read_bytes())
    os.utime(folder / "001.png", ns=(1, 1))
    (folder / "below").mkdir()
    (folder / "below" / "new.PNG").write_bytes((folder / "003.png").read_bytes())
    after = build_index(folder)
    assert sorted(encoded_files) == ["001.png", "new.PNG"]
    rows = {file.path: row for file, row in zip(after.files, after.embeddings, strict=True)}
    assert sorted(rows) == ["001.png", "002.png", "003.png", "004.png", "005.png", "below/new.PNG"]
    old = {file.path: row for file, row in zip(before.files, before.embeddings, strict=True)}
    assert np.allclose(rows["001.png"], old["002.png"], atol=0.05)
    assert np.array_equal(rows["005.png"], old["005.png"])


def test_a_damaged_picture_is_reported_and_skipped(folder: Path) -> None:
    (folder / "cut.png").write_bytes((folder / "000.png").read_bytes()[:100])
    (folder / "none.jpg").write_text("hello")
    messages: list[str] = []
    assert len(build_index(folder, messages).files) == COUNT
    assert ["cut.png" in messages[0], "none.jpg" in messages[1]] == [True, True]


def test_a_folder_of_damaged_pictures_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("hello")
    with pytest.raises(InputError, match="none of the 1 pictures"):
        build_index(tmp_path)


def test_a_file_name_that_is_not_utf_8_is_accepted(folder: Path, encoded_files: list[str]) -> None:
    (folder / "000.png").rename(folder / os.fsdecode(b"\xff.png"))
    build_index(folder)
    assert len(build_index(folder).files) == COUNT == len(encoded_files)


@pytest.mark.parametrize("content", [b"", b"junk", b"\xff" * 200])
def test_a_damaged_index_is_rebuilt(folder: Path, encoded_files: list[str], content: bytes) -> None:
    build_index(folder)
    index_path(folder, "plait-nano").write_bytes(content)
    assert len(build_index(folder).files) == COUNT and len(encoded_files) == 2 * COUNT


def test_an_index_of_other_weights_is_rebuilt(
    folder: Path, encoded_files: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    build_index(folder)
    monkeypatch.setattr(type(embedder()), "version", "of other weights")
    build_index(folder)
    assert len(encoded_files) == 2 * COUNT


def test_other_weights_are_another_version() -> None:
    before = embedder().version
    start = embedder().model.start
    first_value = start[0].item()
    try:
        start[0] += 1
        assert embedder().version != before
    finally:
        start[0] = first_value
    assert embedder().version == before


def test_ctrl_c_keeps_the_finished_embeddings(
    folder: Path, monkeypatch: pytest.MonkeyPatch, encoded_files: list[str]
) -> None:
    monkeypatch.setattr(indexing, "BATCH_SIZE", 2)
    letterbox = indexing.letterbox_image

    def stopped(image: object, side: int) -> object:
        if len(encoded_files) == 5:
            raise KeyboardInterrupt
        return letterbox(image, side)  # type: ignore[arg-type]

    monkeypatch.setattr(indexing, "letterbox_image", stopped)
    with pytest.raises(KeyboardInterrupt):
        build_index(folder)
    monkeypatch.setattr(indexing, "letterbox_image", letterbox)
    encoded_files.clear()
    assert len(build_index(folder).files) == COUNT
    assert encoded_files == ["004.png", "005.png"]


def test_nothing_is_written_to_the_folder_of_pictures(folder: Path) -> None:
    before = sorted(folder.iterdir())
    build_index(folder)
    assert sorted(folder.iterdir()) == before


def test_a_search_works_without_a_writable_data_folder(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv("PLAIT_DATA", str(tmp_path / "file"))
    messages: list[str] = []
    assert len(build_index(folder, messages).files) == COUNT
    assert "PLAIT_DATA" in "".join(messages)
