"""The image tokenizer that ships: pictures come back, of any side, and a damaged or foreign file is refused."""

import random
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from plait.core.errors import CheckpointError
from plait.foundation.training.frozen_network import save_frozen
from plait.foundation.unified.image_tokenizer.shipped import FILE, image_tokenizer
from plait.foundation.unified.image_tokenizer.tokenizer import ImageTokenizer
from plait.foundation.unified.metrics.image_similarity import psnr
from plait.foundation.unified.model.fsq import NUM_CODES
from plait.foundation.unified.worlds.palette import GROUNDS, base_shade
from plait.foundation.unified.worlds.rendering import render_scenes
from plait.foundation.unified.worlds.sampling import sample_scene


def pictures(count: int, side: int) -> Tensor:
    rng = random.Random(f"tokenizer {side}")
    return torch.from_numpy(render_scenes([sample_scene(rng) for _ in range(count)], side))


def round_trip(images: Tensor) -> Tensor:
    return image_tokenizer().decode(image_tokenizer().encode(images))


@pytest.mark.parametrize(("side", "least"), [(64, 24.5), (128, 26.5)])
def test_scenes_survive_encoding_and_decoding(side: int, least: float) -> None:
    images = pictures(24, side)
    codes = image_tokenizer().encode(images)
    assert codes.shape == (24, side // 8, side // 8) and 0 <= int(codes.min()) and int(codes.max()) < NUM_CODES
    alike = [psnr(one.numpy(), other.numpy()) for one, other in zip(images, round_trip(images), strict=True)]
    others = [
        psnr(one.numpy(), other.numpy()) for one, other in zip(images, round_trip(images).roll(1, 0), strict=True)
    ]
    assert np.mean(alike) > least > np.mean(others) + 5  # the control: the picture of another scene


@pytest.mark.parametrize("side", [8, 24, 64, 256])
def test_any_side_divisible_by_eight_is_accepted(side: int) -> None:
    images = pictures(2, side)
    assert round_trip(images).shape == images.shape and round_trip(images).dtype == torch.uint8


@pytest.mark.parametrize(("row", "column"), [(0, 0), (3, 7), (15, 15)])
def test_a_code_depends_only_on_its_own_pixels(row: int, column: int) -> None:
    images = pictures(1, 128)
    other = images.clone()
    other[:, 8 * row : 8 * row + 8, 8 * column : 8 * column + 8] = torch.tensor([255, 0, 0], dtype=torch.uint8)
    one, two = image_tokenizer().encode(images)[0], image_tokenizer().encode(other)[0]
    changed = (one != two).nonzero().tolist()
    assert changed in ([], [[row, column]])


def test_equal_patches_have_the_same_code_at_any_place() -> None:
    for ground in GROUNDS:
        bare = torch.tensor(base_shade(ground), dtype=torch.uint8).expand(1, 64, 64, 3)
        assert len(image_tokenizer().encode(bare).unique()) == 1


def test_a_picture_has_the_same_codes_alone_and_in_a_batch() -> None:
    images = pictures(3, 64)
    alone = torch.cat([image_tokenizer().encode(each[None]) for each in images])
    together = image_tokenizer().encode(images)
    assert float((alone == together).float().mean()) > 0.99  # sums in another order may round to another level


def test_a_tokenizer_of_another_version_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    save_frozen(ImageTokenizer().state_dict(), file, "plait-codes-0")
    with pytest.raises(CheckpointError, match="is plait-codes-0, this Plait takes plait-codes-2"):
        image_tokenizer(file)


@pytest.mark.parametrize("cut", [10, 1_000, 100_000])
def test_a_truncated_file_is_refused(tmp_path: Path, cut: int) -> None:
    file = tmp_path / "cut.safetensors"
    file.write_bytes(FILE.read_bytes()[:cut])
    with pytest.raises(CheckpointError, match="cannot be read"):
        image_tokenizer(file)


def test_a_file_of_another_network_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    save_frozen({"weight": torch.zeros(2, 2)}, file, "plait-codes-2")
    with pytest.raises(CheckpointError, match="has no tensor"):
        image_tokenizer(file)
