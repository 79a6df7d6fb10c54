"""Batches for image generation: an instruction, the known part of the image, and the codes of all of it.

Shapes: n images to generate, t source ids, p input images, c codes.
"""

import math
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Int, UInt8
from numpy.typing import NDArray
from torch import Tensor

from plait.foundation.cards.instruction import unconditional_instruction_ids
from plait.foundation.cards.sizes import ModelSize
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.holes import FractionalBox, blank_hole, hole_code_indices
from plait.foundation.unified.objectives.batches import DrawScenes, GridTargets, pad_rows, to_device
from plait.foundation.unified.objectives.encoded_examples import tokenize_item
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.painting_items import hole_fractions
from plait.foundation.unified.worlds.scene import Scene

UNCONDITIONAL_SHARE = 0.1  # of the images are trained without their description, for guidance (arXiv 2207.12598)
RASTER_SHARE = 0.1  # of the images without a hole are trained in raster order

EncodePictures = Callable[[UInt8[Tensor, "p side side 3"]], Int[Tensor, "p grid grid"]]


@dataclass(frozen=True)
class PaintingExample:
    """An image to generate.

    `missing` are the codes in its hole, all of them without a hole; `known` are those of them that are generated
    already, none in `raster` order.
    """

    input_ids: tuple[int, ...]
    scene: Scene
    hole: FractionalBox | None
    missing: tuple[int, ...]
    known: tuple[int, ...]
    raster: bool


@dataclass(frozen=True)
class PaintingBatch:
    """A batch of images to generate.

    `pictures` are the input images with a hole; `image_index` is the input image of each row, -1 for none. `codes` are
    those of the whole image, `known_codes` those given to the model, -1 if unknown. `code_nouns` is the content of each
    code, as `cell_noun` in Batch; `ground` is the colour of the ground.
    """

    pictures: UInt8[Tensor, "p side side 3"]
    image_index: Int[Tensor, " n"]
    input_ids: Int[Tensor, "n t"]
    attention_mask: Bool[Tensor, "n t"]
    codes: Int[Tensor, "n c"]
    known_codes: Int[Tensor, "n c"]
    raster: Bool[Tensor, " n"]
    code_nouns: Int[Tensor, "n c"]
    ground: Int[Tensor, " n"]

    def to(self, device: torch.device) -> "PaintingBatch":
        return to_device(self, device)


def painting_example(item: Item, size: ModelSize, vocabulary: Vocabulary, rng: random.Random) -> PaintingExample:
    """Example of an item whose answer is a scene.

    The number of known codes is random, as at some moment of generation.
    """
    assert isinstance(item.answer, Scene)
    hole = hole_fractions(item) if "hole" in item.inputs else None
    raster = hole is None and rng.random() < RASTER_SHARE
    missing = tuple(hole_code_indices(hole, size) if hole else range(size.code_grid**2))
    num_known = sample_known_count(len(missing), rng)
    known = () if raster else tuple(rng.sample(missing, num_known))
    is_unconditional = not raster and rng.random() < UNCONDITIONAL_SHARE
    source = (
        unconditional_instruction_ids(vocabulary) if is_unconditional else tokenize_item(item, vocabulary).input_ids
    )
    return PaintingExample(source, item.answer, hole, missing, known, raster)


def sample_known_count(num_missing: int, rng: random.Random) -> int:
    """How many of so many codes are known, as at a random moment of generation."""
    return num_missing - max(1, math.ceil(num_missing * math.cos(math.pi / 2 * rng.random())))


def hide_holes(
    pictures: UInt8[Tensor, "p side side 3"], holes: Sequence[FractionalBox]
) -> UInt8[Tensor, "p side side 3"]:
    """Images with their holes filled with grey."""
    masked = pictures.clone()
    for picture, hole in zip(masked, holes, strict=True):
        blank_hole(picture, hole)
    return masked


def collate_paintings(
    examples: Sequence[PaintingExample],
    vocabulary: Vocabulary,
    size: ModelSize,
    draw: DrawScenes,
    encode: EncodePictures,
) -> PaintingBatch:
    """Batch of examples. If no example has an input image, the batch has a blank one."""
    with_hole = [number for number, each in enumerate(examples) if each.hole]
    holes = [each.hole for each in examples if each.hole]
    scenes = [examples[number].scene for number in with_hole]
    codes = encode(draw([each.scene for each in examples], size.canvas)).flatten(1)
    # A code depends only on its own pixels: the codes around a hole are the same with and without it.
    known_codes = codes.masked_fill(torch.from_numpy(hidden_codes(examples, size)).to(codes.device), -1)
    image_index = torch.full((len(examples),), -1)
    image_index[with_hole] = torch.arange(len(with_hole))
    source = torch.from_numpy(pad_rows([each.input_ids for each in examples], vocabulary.pad))
    return PaintingBatch(
        hide_holes(draw(scenes, size.side), holes) if with_hole else blank_picture(size),
        image_index,
        source,
        source != vocabulary.pad,
        codes,
        known_codes,
        torch.tensor([each.raster for each in examples]),
        torch.from_numpy(
            np.stack([GridTargets.from_scene(each.scene, size.code_grid).cell_nouns for each in examples])
        ),
        torch.tensor([each.scene.ground for each in examples]),
    )


def hidden_codes(examples: Sequence[PaintingExample], size: ModelSize) -> NDArray[np.bool_]:
    """Mask of the unknown codes, (n, c): on a GPU one copy instead of two per image."""
    mask = np.zeros((len(examples), size.code_grid**2), dtype=bool)
    for row, each in zip(mask, examples, strict=True):
        row[list(each.missing)] = True
        row[list(each.known)] = False
    return mask


def blank_picture(size: ModelSize) -> UInt8[Tensor, "1 side side 3"]:
    return torch.zeros(1, size.side, size.side, 3, dtype=torch.uint8)
