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
from torch import Tensor

from plait.foundation.cards.instruction import nothing_to_draw
from plait.foundation.cards.sizes import Size
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.holes import Fractions, codes_in, hide
from plait.foundation.unified.objectives.batches import Draw, Sight, moved, padded
from plait.foundation.unified.objectives.encoded_examples import example
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.painting_items import hole_of
from plait.foundation.unified.worlds.scene import Scene

UNTOLD = 0.1  # of the paintings are learned without their description, for guidance (arXiv 2207.12598)
RASTER = 0.1  # of the drawings are learned one code after another

Encode = Callable[[UInt8[Tensor, "p side side 3"]], Int[Tensor, "p grid grid"]]


@dataclass(frozen=True)
class Wanted:
    """A painting to learn from: `missing` are the codes in its hole, of which `painted` are known by now; all and none
    of them where it is drawn in `raster` order.
    """

    source: tuple[int, ...]
    scene: Scene
    hole: Fractions | None
    missing: tuple[int, ...]
    painted: tuple[int, ...]
    raster: bool


@dataclass(frozen=True)
class Paintings:
    """`pictures` are those with a hole, as the encoder sees them, `which` of them a painting is of, -1 for none.
    `codes` are those of the whole picture, `known` the ones to paint them from, -1 where one is not; `nouns` is what
    each code shows, as a batch has it of cells, `ground` the colour of the ground.
    """

    pictures: UInt8[Tensor, "p side side 3"]
    which: Int[Tensor, " n"]
    source: Int[Tensor, "n t"]
    words: Bool[Tensor, "n t"]
    codes: Int[Tensor, "n c"]
    known: Int[Tensor, "n c"]
    raster: Bool[Tensor, " n"]
    nouns: Int[Tensor, "n c"]
    ground: Int[Tensor, " n"]

    def to(self, device: torch.device) -> "Paintings":
        return moved(self, device)


def wanted(item: Item, size: Size, vocabulary: Vocabulary, rng: random.Random) -> Wanted:
    """Of an item whose answer is a scene: which codes are known is drawn, as many as at some moment of painting."""
    assert isinstance(item.answer, Scene)
    hole = hole_of(item) if "hole" in item.inputs else None
    raster = hole is None and rng.random() < RASTER
    missing = tuple(codes_in(hole, size) if hole else range(size.codes**2))
    few = len(missing) - max(1, math.ceil(len(missing) * math.cos(math.pi / 2 * rng.random())))
    painted = () if raster else tuple(rng.sample(missing, few))
    untold = not raster and rng.random() < UNTOLD
    source = nothing_to_draw(vocabulary) if untold else example(item, vocabulary).source
    return Wanted(source, item.answer, hole, missing, painted, raster)


def with_hole(pictures: UInt8[Tensor, "p side side 3"], holes: Sequence[Fractions]) -> UInt8[Tensor, "p side side 3"]:
    """Pictures whose holes show a neutral ground."""
    cut = pictures.clone()
    for picture, hole in zip(cut, holes, strict=True):
        hide(picture, hole)
    return cut


def paintings(rows: Sequence[Wanted], vocabulary: Vocabulary, size: Size, draw: Draw, encode: Encode) -> Paintings:
    """Where no painting has a picture, a blank one stands in for it."""
    holed = [number for number, each in enumerate(rows) if each.hole]
    holes = [each.hole for each in rows if each.hole]
    scenes = [rows[number].scene for number in holed]
    codes = encode(draw([each.scene for each in rows], size.canvas)).flatten(1)
    # A code is made of its own pixels: those around a hole are the same with the hole and without.
    known, which = codes.clone(), torch.full((len(rows),), -1)
    which[holed] = torch.arange(len(holed))
    for number, each in enumerate(rows):
        known[number, list(each.missing)] = -1
        known[number, list(each.painted)] = codes[number, list(each.painted)]
    source = torch.from_numpy(padded([each.source for each in rows], vocabulary.pad))
    return Paintings(
        with_hole(draw(scenes, size.side), holes) if holed else blank(size),
        which,
        source,
        source != vocabulary.pad,
        codes,
        known,
        torch.tensor([each.raster for each in rows]),
        torch.from_numpy(np.stack([Sight.of(each.scene, size.codes).nouns for each in rows])),
        torch.tensor([each.scene.ground for each in rows]),
    )


def blank(size: Size) -> UInt8[Tensor, "1 side side 3"]:
    return torch.zeros(1, size.side, size.side, 3, dtype=torch.uint8)
