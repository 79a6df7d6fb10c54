"""How the judge learns: from scenes of the training styles, half of them blurred, since drawings are never sharp."""

import random
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from PIL import Image
from torch import Tensor
from torch.nn import functional as F

from plait.foundation.unified.judge.network import GRID, SIDE, JudgeNetwork, cell_centres, cells_within
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE as CANVAS
from plait.foundation.unified.worlds.scene import Scene

SEED = "judge"
BLUR_SHARE = 0.5
MIN_BLUR_SIDE = 28  # pixels a side that a blurred picture keeps of its 64
MAX_NOISE_STD = 6.0  # grey levels
BOX_WEIGHT = 4.0  # weight of the boxes' term
COLOUR_WEIGHT = 0.3


@dataclass(frozen=True)
class JudgeLoss:
    """The loss of a step: nouns of cells, boxes of those in which something is, the colour of the ground."""

    network: JudgeNetwork
    batch_size: int = 32

    def __call__(self, step: int) -> Tensor:
        pairs = [training_pair(step * self.batch_size + index) for index in range(self.batch_size)]
        pictures = torch.stack([picture for picture, _ in pairs])
        nouns, reach, ground = training_targets([scene for _, scene in pairs], self.network.nouns.out_channels - 1)
        output = self.network(pictures)
        has_thing = nouns < self.network.nouns.out_channels - 1
        noun_loss = F.cross_entropy(output.nouns.movedim(1, -1)[has_thing], nouns[has_thing])
        ground_loss = F.cross_entropy(output.nouns.movedim(1, -1)[~has_thing], nouns[~has_thing])
        box_loss = F.l1_loss(output.reach.movedim(1, -1)[has_thing], reach[has_thing])
        return noun_loss + ground_loss + BOX_WEIGHT * box_loss + COLOUR_WEIGHT * F.cross_entropy(output.ground, ground)


def training_pair(index: int) -> tuple[UInt8[Tensor, "side side 3"], Scene]:
    rng = random.Random(f"{SEED} {index}")
    scene = sample_scene(rng)
    picture = render_scene(scene, SIDE)
    if rng.random() < BLUR_SHARE:
        blur_side = rng.randint(MIN_BLUR_SIDE, SIDE)
        blurred = Image.fromarray(picture).resize((blur_side, blur_side), Image.Resampling.BOX)
        picture = np.asarray(blurred.resize((SIDE, SIDE), Image.Resampling.BICUBIC))
        noise = np.random.default_rng(index).normal(0, rng.uniform(0, MAX_NOISE_STD), picture.shape)
        picture = (picture + noise).clip(0, 255).astype(np.uint8)
    return torch.from_numpy(picture.copy()), scene


def training_targets(
    scenes: list[Scene], background: int
) -> tuple[Int[Tensor, "p y x"], Float[Tensor, "p y x 4"], Int[Tensor, " p"]]:
    """The noun of each cell whose centre is in a box, else `background`, and how far that box reaches from there."""
    nouns = torch.full((len(scenes), GRID, GRID), background)
    reach = torch.zeros(len(scenes), GRID, GRID, 4)
    centres = cell_centres()
    for number, scene in enumerate(scenes):
        for thing in scene.things:
            left, top, right, bottom = box = tuple(corner / CANVAS for corner in thing.box)
            across, down = cells_within(box)
            rows, columns = down.nonzero()[:, 0], across.nonzero()[:, 0]
            cells = (number, rows[:, None], columns)
            nouns[cells] = thing.noun
            x, y = centres[columns].expand(len(rows), -1), centres[rows][:, None].expand(-1, len(columns))
            reach[cells] = torch.stack((x - left, y - top, right - x, bottom - y), -1)
    return nouns, reach, torch.tensor([scene.ground for scene in scenes])
