"""The image tokenizer: pixels to codes and back, one code for 8x8 pixels.

A code depends on its own pixels only. An encoder with a larger receptive field reconstructs better, but its codes
depend on their surroundings: a plain background had a hundred codes (2.7 nats), the same thing had different codes at
another place, and a model had learned nothing about things after 500 steps. With local codes, equal patches have equal
codes, and the codes around a hole contain nothing of its content. The decoder has a larger receptive field and removes
seams.

The network is convolutional and takes any side divisible by 8: 64 pixels are 64 codes, 128 pixels 256.
"""

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.cards.sizes import CODE_STRIDE
from plait.foundation.unified.model import fsq
from plait.foundation.unified.model.fsq import LEVELS

ENCODER_WIDTH = 256  # channels
DECODER_WIDTHS = (32, 64, 128)  # channels at strides 2, 4 and 8


def norm(x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p c y x"]:
    """RMS norm over the channels of each position."""
    return F.rms_norm(x.permute(0, 2, 3, 1), (x.shape[1],)).permute(0, 3, 1, 2)


class TokenizerBlock(nn.Module):
    """Residual block of two convolutions with kernels of side 2 * `radius` + 1."""

    def __init__(self, channels: int, radius: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 2 * radius + 1, 1, radius, bias=False)
        self.second = nn.Conv2d(channels, channels, 2 * radius + 1, 1, radius, bias=False)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p c y x"]:
        return x + self.second(F.relu(self.first(F.relu(norm(x)))))


class Upsample(nn.Module):
    """Doubles the side by pixel shuffle."""

    def __init__(self, in_channels: int, out_channels: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4 * out_channels, 3, 1, 1, bias=False)

    def forward(self, x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p k 2y 2x"]:
        return F.pixel_shuffle(self.conv(norm(x)), 2)


class ImageTokenizer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        first, second, third = DECODER_WIDTHS
        self.encoder = nn.Sequential(
            nn.Conv2d(3, ENCODER_WIDTH, CODE_STRIDE, CODE_STRIDE),
            *(TokenizerBlock(ENCODER_WIDTH, radius=0) for _ in range(3)),
        )
        self.to_numbers = nn.Conv2d(ENCODER_WIDTH, len(LEVELS), 1)
        self.from_numbers = nn.Conv2d(len(LEVELS), third, 3, 1, 1)
        self.decoder = nn.Sequential(
            TokenizerBlock(third),
            TokenizerBlock(third),
            TokenizerBlock(third),
            Upsample(third, second),
            TokenizerBlock(second),
            Upsample(second, first),
            TokenizerBlock(first),
        )
        self.to_pixels = Upsample(first, 3)

    def forward(self, images: UInt8[Tensor, "p side side 3"]) -> Float[Tensor, "p 3 side side"]:
        """The reconstruction of the pictures, with colours as in `decode_latents`."""
        return self.decode_latents(self.latents(images))

    def latents(self, images: UInt8[Tensor, "p side side 3"]) -> Float[Tensor, "p grid grid 4"]:
        channels = images.permute(0, 3, 1, 2).to(self.to_numbers.weight.dtype)
        features = self.encoder((channels / 127.5 - 1).contiguous(memory_format=torch.channels_last))
        return fsq.quantize(self.to_numbers(norm(features)).permute(0, 2, 3, 1))

    def decode_latents(self, latents: Float[Tensor, "p grid grid 4"]) -> Float[Tensor, "p 3 side side"]:
        """Colours, nominally from 0 to 1; values slightly outside occur."""
        x = self.from_numbers(latents.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last))
        return self.to_pixels(self.decoder(x)) + 0.5

    def encode(self, images: UInt8[Tensor, "p side side 3"]) -> Int[Tensor, "p grid grid"]:
        return fsq.latents_to_codes(self.latents(images))

    def decode(self, codes: Int[Tensor, "p grid grid"]) -> UInt8[Tensor, "p side side 3"]:
        colours = self.decode_latents(fsq.codes_to_latents(codes)).clamp(0, 1)
        return (colours.permute(0, 2, 3, 1) * 255).round().to(torch.uint8)
