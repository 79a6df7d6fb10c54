"""The image tokenizer: pixels to codes and back, eight by eight pixels a code.

A code is made of its own pixels alone. An encoder that looks further gives better pictures, but tells in each code of
what is around it: an even ground then had a hundred codes (2.7 nats), the same thing other codes in another place, and
a model had learned nothing of things after 500 steps. Made alone, what looks alike has one code, and codes around a
hole know nothing of what is in it. The decoder looks around, and takes the seams away.

All of it is convolutions, so any side that eight divides is taken: 64 pixels are 64 codes, 128 are 256.
"""

import torch
from jaxtyping import Float, Int, UInt8
from torch import Tensor, nn
from torch.nn import functional as F

from plait.foundation.cards.sizes import SQUARE
from plait.foundation.unified.image_tokenizer import fsq
from plait.foundation.unified.image_tokenizer.fsq import LEVELS

SEEING = 256  # channels of the encoder
WIDTHS = (32, 64, 128)  # of the decoder, at strides 2, 4 and 8


def norm(x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p c y x"]:
    """Over the channels of each position by itself."""
    return F.rms_norm(x.permute(0, 2, 3, 1), (x.shape[1],)).permute(0, 3, 1, 2)


class Block(nn.Module):
    """`reach` is how many positions away it looks."""

    def __init__(self, channels: int, reach: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 2 * reach + 1, 1, reach, bias=False)
        self.second = nn.Conv2d(channels, channels, 2 * reach + 1, 1, reach, bias=False)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p c y x"]:
        return x + self.second(F.relu(self.first(F.relu(norm(x)))))


class Up(nn.Module):
    """Twice the side: each position becomes four, made of its own channels."""

    def __init__(self, inside: int, outside: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(inside, 4 * outside, 3, 1, 1, bias=False)

    def forward(self, x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p k 2y 2x"]:
        return F.pixel_shuffle(self.conv(norm(x)), 2)


class ImageTokenizer(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        first, second, third = WIDTHS
        self.encoder = nn.Sequential(nn.Conv2d(3, SEEING, SQUARE, SQUARE), *(Block(SEEING, reach=0) for _ in range(3)))
        self.to_numbers = nn.Conv2d(SEEING, len(LEVELS), 1)
        self.from_numbers = nn.Conv2d(len(LEVELS), third, 3, 1, 1)
        self.decoder = nn.Sequential(
            Block(third), Block(third), Block(third), Up(third, second), Block(second), Up(second, first), Block(first)
        )
        self.to_pixels = Up(first, 3)

    # What training learns from

    def numbers(self, pictures: UInt8[Tensor, "p side side 3"]) -> Float[Tensor, "p grid grid 4"]:
        channels = pictures.permute(0, 3, 1, 2).to(self.to_numbers.weight.dtype)
        features = self.encoder((channels / 127.5 - 1).contiguous(memory_format=torch.channels_last))
        return fsq.rounded(self.to_numbers(norm(features)).permute(0, 2, 3, 1))

    def drawn(self, numbers: Float[Tensor, "p grid grid 4"]) -> Float[Tensor, "p 3 side side"]:
        """Colours from 0 to 1, and a little beyond."""
        x = self.from_numbers(numbers.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last))
        return self.to_pixels(self.decoder(x)) + 0.5

    # What it is used for

    def encode(self, pictures: UInt8[Tensor, "p side side 3"]) -> Int[Tensor, "p grid grid"]:
        return fsq.codes(self.numbers(pictures))

    def decode(self, codes: Int[Tensor, "p grid grid"]) -> UInt8[Tensor, "p side side 3"]:
        colours = self.drawn(fsq.numbers(codes)).clamp(0, 1)
        return (colours.permute(0, 2, 3, 1) * 255).round().to(torch.uint8)
