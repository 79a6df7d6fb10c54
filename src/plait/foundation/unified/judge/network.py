"""The judge's network: noun, box and background colour for each cell of 4x4 pixels.

Shapes: p pictures, y and x cells.
"""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

import torch
from jaxtyping import Bool, Float, UInt8
from torch import Tensor, nn
from torch.nn import functional as F

SIDE = 64  # pixels; other sides are resized to it
CELL = 4
GRID = SIDE // CELL
CHANNELS = (32, 96, 192)  # channels at strides 2, 4 and 8
VERSION = "plait-judge-1"


class JudgeOutput(NamedTuple):
    """Logits of nouns (the background is the last class) and of the background colour; distances of the left, top,
    right and bottom of a box from the centre of its cell, in fractions of the side.
    """

    nouns: Float[Tensor, "p n+1 y x"]
    box_distances: Float[Tensor, "p 4 y x"]
    ground: Float[Tensor, "p colours"]


class ResidualBlock(nn.Module):
    def __init__(self, channels: int) -> None:
        super().__init__()
        self.inner = nn.Sequential(
            nn.GroupNorm(8, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.GroupNorm(8, channels),
            nn.SiLU(),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
        )

    def forward(self, x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p c y x"]:
        return x + self.inner(x)


class JudgeNetwork(nn.Module):
    def __init__(self, num_nouns: int, num_colours: int) -> None:
        super().__init__()
        first, second, third = CHANNELS
        self.pixels = nn.Conv2d(3, first, 5, 2, 2)
        self.fine = nn.Sequential(ResidualBlock(first), nn.Conv2d(first, second, 3, 2, 1), ResidualBlock(second))
        self.coarse = nn.Sequential(
            nn.Conv2d(second, third, 3, 2, 1), ResidualBlock(third), ResidualBlock(third), nn.Conv2d(third, second, 1)
        )
        self.joined = ResidualBlock(second)
        self.nouns = nn.Conv2d(second, num_nouns + 1, 1)
        self.reach = nn.Conv2d(second, 4, 1)
        self.ground = nn.Linear(second, num_colours)

    def forward(self, images: UInt8[Tensor, "p side side 3"]) -> JudgeOutput:
        channels = images.permute(0, 3, 1, 2).float().contiguous(memory_format=torch.channels_last)
        fine = self.fine(self.pixels(channels / 127.5 - 1))
        x = F.silu(self.joined(fine + F.interpolate(self.coarse(fine), scale_factor=2)))
        return JudgeOutput(self.nouns(x), self.reach(x), self.ground(x.mean((2, 3))))


@cache
def cell_centres() -> Float[Tensor, " grid"]:
    """Centres of the cells along an axis, in fractions of the side."""
    return (torch.arange(GRID) + 0.5) / GRID


def cells_within(box: Sequence[float]) -> tuple[Bool[Tensor, " grid"], Bool[Tensor, " grid"]]:
    """Masks of the columns and rows of cells whose centres are inside a box, given in fractions of the side."""
    left, top, right, bottom = box
    centres = cell_centres()
    return (centres > left) & (centres < right), (centres > top) & (centres < bottom)
