"""Training objective of the judge: scenes in the training styles, half of them blurred, since generated images are
blurred.
"""

import random
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Float, Int, UInt8
from PIL import Image
from torch import Tensor
from torch.nn import functional as F
from torch.optim import Optimizer

from plait.foundation.training.checkpoint import RunFingerprint
from plait.foundation.training.config import OptimizerConfig
from plait.foundation.training.objective import Objective
from plait.foundation.training.optimizers import new_optimizers
from plait.foundation.unified.judge.network import GRID, SIDE, VERSION, JudgeNetwork, cell_centres, cells_within
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE as CANVAS
from plait.foundation.unified.worlds.scene import Scene

SEED = "judge"
BLUR_SHARE = 0.5
MIN_BLUR_SIDE = 28  # a blurred picture is downscaled from 64 pixels to at least this side
MAX_NOISE_STD = 6.0  # in grey levels
LOSS_WEIGHTS = {"boxes": 4.0, "colour": 0.3}
NON_FEATURE_LAYERS = ("pixels", "nouns", "reach", "ground")  # first and last layers, which Muon does not optimise


@dataclass(frozen=True)
class JudgeBatch:
    pictures: UInt8[Tensor, "p side side 3"]
    scenes: list[Scene]


class JudgeObjective(Objective[JudgeBatch, JudgeNetwork]):
    """Losses: `nouns` of cells with a thing, `empty` of cells without, `boxes` of things, `colour`
    of the background.
    """

    def __init__(self, network: JudgeNetwork, optimizer: OptimizerConfig, batch_size: int = 32) -> None:
        super().__init__(network)
        self.optimizer, self.batch_size = optimizer, batch_size

    @property
    def fingerprint(self) -> RunFingerprint:
        recipe = {"batch_size": self.batch_size, "muon_lr": self.optimizer.muon_lr}
        return RunFingerprint({"network": "judge"}, VERSION, recipe)

    def optimizers(self) -> list[Optimizer]:
        return new_optimizers(
            self.module.named_parameters(), self.optimizer, lambda name: name.startswith(NON_FEATURE_LAYERS)
        )

    def batch(self, step: int) -> JudgeBatch:
        first = step * self.batch_size
        pairs = [training_pair(index) for index in range(first, first + self.batch_size)]
        return JudgeBatch(torch.stack([picture for picture, _ in pairs]), [scene for _, scene in pairs])

    def loss(self, batch: JudgeBatch) -> dict[str, Tensor]:
        background = self.module.nouns.out_channels - 1
        nouns, reach, ground = training_targets(batch.scenes, background)
        output = self.parallel(batch.pictures)
        has_thing = nouns < background
        noun_logits = output.nouns.movedim(1, -1)
        return {
            "nouns": F.cross_entropy(noun_logits[has_thing], nouns[has_thing]),
            "empty": F.cross_entropy(noun_logits[~has_thing], nouns[~has_thing]),
            "boxes": F.l1_loss(output.box_distances.movedim(1, -1)[has_thing], reach[has_thing]),
            "colour": F.cross_entropy(output.ground, ground),
        }


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
    """Targets of each cell: the noun of the box that contains its centre, else `background`; distances to that box's
    edges; and the background colour of each picture.
    """
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
