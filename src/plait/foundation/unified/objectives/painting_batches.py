"""Batches of what is painted: an instruction, what of the picture is known, and the codes of all of it.

Shapes: n paintings, t source ids, p pictures, c codes.
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

UNCONDITIONAL_SHARE = 0.1  # of the paintings are learned without their description, for guidance (arXiv 2207.12598)
RASTER_SHARE = 0.1  # of the drawings are learned one code after another

EncodePictures = Callable[[UInt8[Tensor, "p side side 3"]], Int[Tensor, "p grid grid"]]


@dataclass(frozen=True)
class PaintingExample:
    """A painting to learn from: `missing` are the codes in its hole, of which `known` are painted by now; all and none
    of them where it is drawn in `raster` order.
    """

    input_ids: tuple[int, ...]
    scene: Scene
    hole: FractionalBox | None
    missing: tuple[int, ...]
    known: tuple[int, ...]
    raster: bool


@dataclass(frozen=True)
class PaintingBatch:
    """`pictures` are those with a hole, as the encoder sees them, `image_index` which of them a painting is of, -1 for
    none. `codes` are those of the whole picture, `known_codes` the ones to paint them from, -1 where one is not;
    `code_nouns` is what each code shows, as a batch has it of cells, `ground` the colour of the ground.
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
    """Of an item whose answer is a scene: which codes are known is drawn, as many as at some moment of painting."""
    assert isinstance(item.answer, Scene)
    hole = hole_fractions(item) if "hole" in item.inputs else None
    raster = hole is None and rng.random() < RASTER_SHARE
    missing = tuple(hole_code_indices(hole, size) if hole else range(size.code_grid**2))
    num_known = len(missing) - max(1, math.ceil(len(missing) * math.cos(math.pi / 2 * rng.random())))
    known = () if raster else tuple(rng.sample(missing, num_known))
    is_unconditional = not raster and rng.random() < UNCONDITIONAL_SHARE
    source = (
        unconditional_instruction_ids(vocabulary) if is_unconditional else tokenize_item(item, vocabulary).input_ids
    )
    return PaintingExample(source, item.answer, hole, missing, known, raster)


def hide_holes(
    pictures: UInt8[Tensor, "p side side 3"], holes: Sequence[FractionalBox]
) -> UInt8[Tensor, "p side side 3"]:
    """Pictures whose holes show a neutral ground."""
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
    """Where no painting has a picture, a blank one stands in for it."""
    with_hole = [number for number, each in enumerate(examples) if each.hole]
    holes = [each.hole for each in examples if each.hole]
    scenes = [examples[number].scene for number in with_hole]
    codes = encode(draw([each.scene for each in examples], size.canvas)).flatten(1)
    # A code is made of its own pixels: those around a hole are the same with the hole and without.
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
    """The codes of each painting that are not known, (n, c): on a GPU one copy, not two for each painting."""
    mask = np.zeros((len(examples), size.code_grid**2), dtype=bool)
    for row, each in zip(mask, examples, strict=True):
        row[list(each.missing)] = True
        row[list(each.known)] = False
    return mask


def blank_picture(size: ModelSize) -> UInt8[Tensor, "1 side side 3"]:
    return torch.zeros(1, size.side, size.side, 3, dtype=torch.uint8)
