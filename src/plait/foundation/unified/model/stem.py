"""Stem of the encoder, pixels to image tokens: a small ResNet that stops at stride 16.

GroupNorm instead of OFA's BatchNorm: without batch statistics a picture has the same result alone and in a batch, and a
resumed run has the same result as an uninterrupted one.
"""

import torch
from jaxtyping import Float, UInt8
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.cards.sizes import ModelSize

CHANNELS_PER_GROUP = 8  # channels that share one normalisation


def conv3x3(in_channels: int, out_channels: int, stride: int = 1) -> nn.Conv2d:
    return nn.Conv2d(in_channels, out_channels, 3, stride, 1, bias=False)


class StemBlock(nn.Module):
    """Residual block with two convolutions, pre-activation (He et al. 2016, "Identity mappings")."""

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(channels // CHANNELS_PER_GROUP, channels), conv3x3(channels, channels)
        self.norm2, self.conv2 = nn.GroupNorm(channels // CHANNELS_PER_GROUP, channels), conv3x3(channels, channels)
        nn.init.zeros_(self.conv2.weight)

    def forward(self, x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p c y x"]:
        inner = self.conv1(F.relu(self.norm1(x)))
        return x + self.conv2(F.relu(self.norm2(inner)))


class Downsample(nn.Module):
    """Halves the side and changes the number of channels."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv, self.norm = (
            conv3x3(in_channels, out_channels, 2),
            nn.GroupNorm(out_channels // CHANNELS_PER_GROUP, out_channels),
        )

    def forward(self, x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p k yy xx"]:
        return F.relu(self.norm(self.conv(x)))


class Stem(nn.Module):
    """Converts pictures, uint8 RGB, to tokens of `width` features in row-major order."""

    def __init__(self, size: ModelSize) -> None:
        super().__init__()
        first, *rest = size.stem
        self.rgb = Downsample(3, first)
        stages: list[nn.Module] = []
        for inside, outside, blocks in zip(size.stem[:-1], rest, size.blocks, strict=True):
            stages += [Downsample(inside, outside), *(StemBlock(outside) for _ in range(blocks))]
        self.stages = nn.Sequential(*stages)
        self.out = nn.Linear(size.stem[-1], size.width, bias=False)

    def forward(self, images: UInt8[Tensor, "p side side 3"]) -> Float[Tensor, "p cells d"]:
        channels = images.permute(0, 3, 1, 2).to(self.out.weight.dtype).contiguous(memory_format=torch.channels_last)
        features = self.stages(self.rgb(channels / 127.5 - 1))
        return self.out(features.flatten(2).transpose(1, 2))
