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

from plait.foundation.cards.sizes import CODE_STRIDE
from plait.foundation.unified.model import fsq
from plait.foundation.unified.model.fsq import LEVELS

ENCODER_WIDTH = 256  # channels of the encoder
DECODER_WIDTHS = (32, 64, 128)  # of the decoder, at strides 2, 4 and 8


def norm(x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p c y x"]:
    """Over the channels of each position by itself."""
    return F.rms_norm(x.permute(0, 2, 3, 1), (x.shape[1],)).permute(0, 3, 1, 2)


class TokenizerBlock(nn.Module):
    """`radius` is how many positions away the convolutions look."""

    def __init__(self, channels: int, radius: int = 1) -> None:
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 2 * radius + 1, 1, radius, bias=False)
        self.second = nn.Conv2d(channels, channels, 2 * radius + 1, 1, radius, bias=False)
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Float[Tensor, "p c y x"]) -> Float[Tensor, "p c y x"]:
        return x + self.second(F.relu(self.first(F.relu(norm(x)))))


class Upsample(nn.Module):
    """Twice the side: each position becomes four, made of its own channels."""

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
        """The pictures as their codes give them back, as `decode_latents` does."""
        return self.decode_latents(self.latents(images))

    def latents(self, images: UInt8[Tensor, "p side side 3"]) -> Float[Tensor, "p grid grid 4"]:
        channels = images.permute(0, 3, 1, 2).to(self.to_numbers.weight.dtype)
        features = self.encoder((channels / 127.5 - 1).contiguous(memory_format=torch.channels_last))
        return fsq.quantize(self.to_numbers(norm(features)).permute(0, 2, 3, 1))

    def decode_latents(self, latents: Float[Tensor, "p grid grid 4"]) -> Float[Tensor, "p 3 side side"]:
        """Colours from 0 to 1, and a little beyond."""
        x = self.from_numbers(latents.permute(0, 3, 1, 2).contiguous(memory_format=torch.channels_last))
        return self.to_pixels(self.decoder(x)) + 0.5

    def encode(self, images: UInt8[Tensor, "p side side 3"]) -> Int[Tensor, "p grid grid"]:
        return fsq.latents_to_codes(self.latents(images))

    def decode(self, codes: Int[Tensor, "p grid grid"]) -> UInt8[Tensor, "p side side 3"]:
        colours = self.decode_latents(fsq.codes_to_latents(codes)).clamp(0, 1)
        return (colours.permute(0, 2, 3, 1) * 255).round().to(torch.uint8)
