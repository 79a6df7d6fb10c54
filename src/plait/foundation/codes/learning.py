"""How the image tokenizer learns: to give back what it was shown, edges above all; then also so that it is recognised.

By pixels alone faces and handles blur away, which are few pixels and most of what tells a cat from a fox. The unified
model's own stem, frozen, tells what two pictures have in common for one that knows such things; elsewhere a network for
photographs does (LPIPS, arXiv 1801.03924).
"""

import random
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor
from torch.nn import functional as F

from plait.foundation.codes.tokenizer import ImageTokenizer
from plait.foundation.data.worlds.drawing import drawn
from plait.foundation.data.worlds.sampling import scene
from plait.foundation.model.stem import Block, Stem

SIDE = 64  # pixels of what it is shown: whole scenes of that side, or parts of scenes drawn larger
LARGER = (96, 128)
EDGES = 0.5
SEEN = 0.25
LOOKED_AT = 1.5
SEED = "image tokenizer"  # what it is shown follows from this and a number


@dataclass(frozen=True)
class Reconstruction:
    """The loss of a step: mean difference of colours, and of how they change from pixel to pixel (Sobel); from a step
    on also of what `stem` sees.
    """

    tokenizer: ImageTokenizer
    stem: Stem
    stem_from: int
    batch: int = 32

    def __call__(self, step: int) -> Tensor:
        pictures = torch.stack([shown(step * self.batch + place) for place in range(self.batch)])
        wanted = pictures.permute(0, 3, 1, 2).float() / 255
        given = self.tokenizer.drawn(self.tokenizer.numbers(pictures))
        pixels = F.l1_loss(given, wanted) + EDGES * F.l1_loss(edges(given), edges(wanted))
        return pixels + SEEN * self.unlike(given, wanted) if step >= self.stem_from else pixels

    def unlike(self, given: Float[Tensor, "p 3 y x"], wanted: Float[Tensor, "p 3 y x"]) -> Tensor:
        """How far apart two pictures are for the stem: of its features at each depth, by direction."""
        with torch.no_grad():
            right = self.features(wanted)
        apart = [(a - b).square().sum(1).mean() for a, b in zip(self.features(given), right, strict=True)]
        return torch.stack(apart).mean()

    def features(self, colours: Float[Tensor, "p 3 y x"]) -> list[Tensor]:
        """After each block, of length 1 at each position. Shown at the size that the stem was trained at."""
        shown = F.interpolate(colours, scale_factor=LOOKED_AT, mode="bilinear")
        x = self.stem.rgb((shown * 2 - 1).contiguous(memory_format=torch.channels_last))
        found: list[Tensor] = []
        for stage in self.stem.stages:
            x = stage(x)
            if isinstance(stage, Block):
                found.append(F.normalize(x, dim=1))
        return found


def shown(place: int) -> UInt8[Tensor, "side side 3"]:
    """Half of what it is shown are whole scenes."""
    rng = random.Random(f"{SEED} {place}")
    about = scene(rng)
    if rng.random() < 0.5:
        return torch.from_numpy(drawn(about, SIDE).copy())
    side = rng.choice(LARGER)
    left, top = rng.randint(0, side - SIDE), rng.randint(0, side - SIDE)
    return torch.from_numpy(drawn(about, side)[top : top + SIDE, left : left + SIDE].copy())


def edges(colours: Float[Tensor, "p 3 y x"]) -> Float[Tensor, "p 6 y x"]:
    """How each colour changes, across and down."""
    across = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]], device=colours.device) / 8
    filters = torch.stack((across, across.T))[:, None].repeat(3, 1, 1, 1)
    return F.conv2d(colours, filters, groups=3)
