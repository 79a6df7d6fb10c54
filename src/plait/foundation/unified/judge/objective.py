"""How the judge learns: from scenes of the training styles, half of them blurred, since drawings are never sharp."""

import random
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from plait.foundation.unified.judge.network import GRID, SIDE, JudgeNetwork, middles, within
from plait.foundation.unified.worlds.rendering import drawn
from plait.foundation.unified.worlds.sampling import scene
from plait.foundation.unified.worlds.scene import SIDE as CANVAS
from plait.foundation.unified.worlds.scene import Scene

SEED = "judge"
BLURRED = 0.5
FEWEST = 28  # pixels a side that a blurred picture keeps of its 64
NOISE = 6.0  # grey levels
BOX = 4.0  # weight of the boxes' term
COLOUR = 0.3


@dataclass(frozen=True)
class Verdicts:
    """The loss of a step: nouns of cells, boxes of those in which something is, the colour of the ground."""

    network: JudgeNetwork
    batch: int = 32

    def __call__(self, step: int) -> Tensor:
        pairs = [shown(step * self.batch + place) for place in range(self.batch)]
        pictures = torch.stack([picture for picture, _ in pairs])
        nouns, reach, ground = truths([about for _, about in pairs], self.network.nouns.out_channels - 1)
        opinion = self.network(pictures)
        there = nouns < self.network.nouns.out_channels - 1
        things = F.cross_entropy(opinion.nouns.movedim(1, -1)[there], nouns[there])
        bare = F.cross_entropy(opinion.nouns.movedim(1, -1)[~there], nouns[~there])
        boxes = F.l1_loss(opinion.reach.movedim(1, -1)[there], reach[there])
        return things + bare + BOX * boxes + COLOUR * F.cross_entropy(opinion.ground, ground)


def shown(place: int) -> tuple[UInt8[Tensor, "side side 3"], Scene]:
    rng = random.Random(f"{SEED} {place}")
    about = scene(rng)
    picture = drawn(about, SIDE)
    if rng.random() < BLURRED:
        few = rng.randint(FEWEST, SIDE)
        small = Image.fromarray(picture).resize((few, few), Image.Resampling.BOX)
        picture = np.asarray(small.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        noise = np.random.default_rng(place).normal(0, rng.uniform(0, NOISE), picture.shape)
        picture = (picture + noise).clip(0, 255).astype(np.uint8)
    return torch.from_numpy(picture.copy()), about


def truths(
    scenes: list[Scene], nothing: int
) -> tuple[Int[Tensor, "p y x"], Float[Tensor, "p y x 4"], Int[Tensor, " p"]]:
    """The noun of each cell whose centre is in a box, `nothing` elsewhere, and how far that box reaches from there."""
    nouns = torch.full((len(scenes), GRID, GRID), nothing)
    reach = torch.zeros(len(scenes), GRID, GRID, 4)
    centres = middles()
    for number, about in enumerate(scenes):
        for thing in about.things:
            left, top, right, bottom = box = tuple(corner / CANVAS for corner in thing.box)
            across, down = within(box)
            rows, columns = down.nonzero()[:, 0], across.nonzero()[:, 0]
            cells = (number, rows[:, None], columns)
            nouns[cells] = thing.noun
            x, y = centres[columns].expand(len(rows), -1), centres[rows][:, None].expand(-1, len(columns))
            reach[cells] = torch.stack((x - left, y - top, right - x, bottom - y), -1)
    return nouns, reach, torch.tensor([about.ground for about in scenes])
