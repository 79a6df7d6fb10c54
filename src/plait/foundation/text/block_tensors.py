"""Matrices that stay in memory as the blocks of their GGUF file, and become float32 each time that they are needed.

The arithmetic is that of plait.foundation.cards.gguf.block_formats and k_quants, which compute without torch: the same
bits, here on whatever device the blocks are. Each step works in place, as the matrix would else be in memory twice.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from jaxtyping import Float, UInt8
from torch import Tensor

from plait.foundation.cards.gguf.k_quants import SCALE_BYTES, SUPER_BLOCK
from plait.foundation.cards.gguf.tensor_types import GgufTensorType

Blocks = UInt8[Tensor, "n bytes"]
Elements = Float[Tensor, "n elements"]


@dataclass(frozen=True)
class BlockFormat:
    """How rows of bytes become rows of elements: the bytes of a row are those of its blocks, one after another."""

    tensor_type: GgufTensorType

    def __call__(self, rows: UInt8[Tensor, "outside bytes"]) -> Float[Tensor, "outside inside"]:
        blocks = rows.reshape(-1, self.tensor_type.block_bytes)
        return DEQUANTIZERS[self.tensor_type.name](blocks).reshape(len(rows), -1)


def dequantize_f16(blocks: Blocks) -> Elements:
    return blocks.contiguous().view(torch.float16).float()


def dequantize_bf16(blocks: Blocks) -> Elements:
    return blocks.contiguous().view(torch.bfloat16).float()


def dequantize_q8_0(blocks: Blocks) -> Elements:
    return blocks[:, 2:].view(torch.int8).float().mul_(half(blocks, 0))


def dequantize_q4_0(blocks: Blocks) -> Elements:
    return nibbles(blocks[:, 2:]).float().sub_(8).mul_(half(blocks, 0))


def dequantize_q4_1(blocks: Blocks) -> Elements:
    return nibbles(blocks[:, 4:]).float().mul_(half(blocks, 0)).add_(half(blocks, 2))


def dequantize_q5_0(blocks: Blocks) -> Elements:
    return five_bits(blocks[:, 2:6], blocks[:, 6:]).float().sub_(16).mul_(half(blocks, 0))


def dequantize_q5_1(blocks: Blocks) -> Elements:
    return five_bits(blocks[:, 4:8], blocks[:, 8:]).float().mul_(half(blocks, 0)).add_(half(blocks, 2))


def dequantize_q4_k(blocks: Blocks) -> Elements:
    scales, minima = part_scales(blocks)
    return scaled_parts(scales, pairs_of_nibbles(blocks[:, 4 + SCALE_BYTES :]), minima)


def dequantize_q5_k(blocks: Blocks) -> Elements:
    scales, minima = part_scales(blocks)
    high_end = 4 + SCALE_BYTES + SUPER_BLOCK // 8
    high = blocks[:, 4 + SCALE_BYTES : high_end]
    fifth = torch.stack([(high >> part) & 1 for part in range(8)], 1)
    return scaled_parts(scales, pairs_of_nibbles(blocks[:, high_end:]) | fifth << 4, minima)


def dequantize_q6_k(blocks: Blocks) -> Elements:
    count = len(blocks)
    low = blocks[:, :128].reshape(count, 2, 1, 64)
    high = blocks[:, 128:192].reshape(count, 2, 1, 32)
    low_bits = torch.cat((low & 0x0F, low >> 4), 2).reshape(count, 2, 4, 32)
    high_bits = torch.cat([(high >> shift) & 0x03 for shift in (0, 2, 4, 6)], 2)
    numbers = (low_bits | high_bits << 4).reshape(count, 16, 16).float() - 32
    scales = half(blocks, 208) * blocks[:, 192:208].view(torch.int8).float()
    return numbers.mul_(scales[:, :, None]).reshape(count, SUPER_BLOCK)


DEQUANTIZERS: dict[str, Callable[[Blocks], Elements]] = {
    "F16": dequantize_f16,
    "BF16": dequantize_bf16,
    "Q8_0": dequantize_q8_0,
    "Q4_0": dequantize_q4_0,
    "Q4_1": dequantize_q4_1,
    "Q5_0": dequantize_q5_0,
    "Q5_1": dequantize_q5_1,
    "Q4_K": dequantize_q4_k,
    "Q5_K": dequantize_q5_k,
    "Q6_K": dequantize_q6_k,
}


def half(blocks: Blocks, start: int) -> Elements:
    """The number of 16 bits at a byte of each block, as a column."""
    return blocks[:, start : start + 2].contiguous().view(torch.float16).float()


def nibbles(content: Blocks) -> UInt8[Tensor, "n twice"]:
    """The numbers of four bits: first the low halves of all bytes, then the high ones."""
    return torch.cat((content & 0x0F, content >> 4), 1)


def five_bits(fifth: Blocks, low: Blocks) -> UInt8[Tensor, "n 32"]:
    """The numbers of five bits from their fifth bits and their lower four."""
    places = torch.arange(8, dtype=torch.uint8, device=fifth.device)
    return nibbles(low) | ((fifth[:, :, None] >> places) & 1).flatten(1) << 4


def part_scales(blocks: Blocks) -> tuple[Elements, Elements]:
    """Scale and minimum of each of the eight parts of a super-block."""
    first, second, mixed = blocks[:, 4 : 4 + SCALE_BYTES].split(SCALE_BYTES // 3, 1)
    scales = torch.cat((first & 0x3F, mixed & 0x0F | first >> 6 << 4), 1)
    minima = torch.cat((second & 0x3F, mixed >> 4 | second >> 6 << 4), 1)
    return half(blocks, 0) * scales.float(), half(blocks, 2) * minima.float()


def pairs_of_nibbles(content: Blocks) -> UInt8[Tensor, "n 8 32"]:
    """Numbers of four bits as eight parts of 32: 32 bytes hold one part in their low bits, the next in the high."""
    chunks = content.reshape(len(content), 4, 1, 32)
    return torch.cat((chunks & 0x0F, chunks >> 4), 2).reshape(len(content), 8, 32)


def scaled_parts(scales: Elements, numbers: UInt8[Tensor, "n 8 32"], minima: Elements) -> Elements:
    return numbers.float().mul_(scales[:, :, None]).sub_(minima[:, :, None]).reshape(len(numbers), SUPER_BLOCK)
