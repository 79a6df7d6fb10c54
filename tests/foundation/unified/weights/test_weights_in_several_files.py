"""Weights that lie in several files: the same model, and no file missing, cut or of others goes unseen."""

import hashlib
import shutil
from pathlib import Path

import pytest
import torch

from plait.core.errors import CheckpointError
from plait.foundation.cards.card import card_path, parse_card
from plait.foundation.cards.header import read_header
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.model.unified_model import UnifiedModel
from plait.foundation.unified.weights.weight_files import load, save
from tests.support.tiny_weights import tiny_card, tiny_model

LARGEST = 600_000  # bytes: of the tiny model's 660,000 or so


def write_split_weights(folder: Path, seed: int = 7, largest: int | None = LARGEST) -> Path:
    model, file = tiny_model(seed), folder / "tiny.safetensors"
    save(file, model.state_dict(), model.size, vocabulary(), tiny_card({"locate": "0123456789ab"}), largest)
    return file


def test_split_weights_are_the_same_model_and_respect_the_size_limit(tmp_path: Path) -> None:
    one, several = write_split_weights(tmp_path / "one", largest=None), write_split_weights(tmp_path / "several")
    files = read_header(several).files
    assert len(files) > 1 and files == tuple(sorted(several.parent.glob("tiny.safetensors*")))
    assert read_header(one).files == (one,) and read_header(one).card == read_header(several).card
    assert all(each.stat().st_size <= LARGEST for each in files)
    right, state = load(one).state_dict(), load(several).state_dict()
    assert all(torch.equal(right[name], state[name]) for name in right)
    model_card = parse_card(card_path(several).read_bytes(), several)
    assert model_card.sha256 == hashlib.sha256(b"".join(each.read_bytes() for each in files)).hexdigest()


def test_only_the_first_file_is_listed_as_a_model(tmp_path: Path) -> None:
    write_split_weights(tmp_path)
    assert [each.name for each in tmp_path.glob("*.safetensors")] == ["tiny.safetensors"]


def test_a_missing_part_is_named(tmp_path: Path) -> None:
    file = write_split_weights(tmp_path)
    read_header(file).files[1].unlink()
    with pytest.raises(CheckpointError, match=r"is split into \d files, and tiny.safetensors.2 is missing"):
        load(file)


def test_a_part_of_other_weights_is_refused(tmp_path: Path) -> None:
    file, other = write_split_weights(tmp_path / "a"), write_split_weights(tmp_path / "b", seed=8)
    shutil.copy(read_header(other).files[1], read_header(file).files[1])
    with pytest.raises(CheckpointError, match=r"tiny.safetensors.2 belongs to other weights than"):
        load(file)


def test_a_truncated_part_is_refused(tmp_path: Path) -> None:
    file = write_split_weights(tmp_path)
    second = read_header(file).files[1]
    second.write_bytes(second.read_bytes()[:-1])
    with pytest.raises(CheckpointError, match=r"tiny.safetensors.2 is damaged"):
        load(file)


def test_a_limit_smaller_than_a_tensor_is_refused_with_the_required_size(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match=r"cannot be split into files of 0.5 MB: table.weight takes") as error:
        write_split_weights(tmp_path, largest=500_000)
    assert error.value.hint.startswith("allow ")


def test_base_fits_files_of_fifteen_mebibytes(tmp_path: Path) -> None:
    model, file = UnifiedModel(SIZES["base"], vocabulary()), tmp_path / "base.safetensors"
    save(file, model.state_dict(), model.size, vocabulary(), tiny_card({}), 15 * 2**20)
    files = read_header(file).files
    assert len(files) == 2 and all(each.stat().st_size <= 15 * 2**20 for each in files)
