"""Dequantises the block formats of ggml: blocks of bytes to float32.

Each function takes blocks, one a row, and returns their elements, one block a row: the arithmetic of `dequantize_row_*`
in ggml-quants.c, bit by bit. The formats with K in their name are in k_quants.py.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Blocks = NDArray[np.uint8]
Elements = NDArray[np.float32]
LOW_BITS = np.uint8(0x0F)
HALF = 16  # elements of half a block: the low four bits hold the first half, the high four bits the second


def dequantize_f32(blocks: Blocks) -> Elements:
    return blocks.view("<f4").astype(np.float32, copy=False)


def dequantize_f16(blocks: Blocks) -> Elements:
    return blocks.view("<f2").astype(np.float32)


def dequantize_bf16(blocks: Blocks) -> Elements:
    return (blocks.view("<u2").astype(np.uint32) << 16).view(np.float32)


def dequantize_q8_0(blocks: Blocks) -> Elements:
    """A scale, then 32 signed bytes."""
    return half(blocks, 0) * blocks[:, 2:].view(np.int8).astype(np.float32)


def dequantize_q4_0(blocks: Blocks) -> Elements:
    """A scale, then 32 numbers of four bits, from which 8 is subtracted."""
    return half(blocks, 0) * nibbles(blocks[:, 2:], offset=8)


def dequantize_q4_1(blocks: Blocks) -> Elements:
    """A scale and a minimum, then 32 numbers of four bits."""
    return half(blocks, 0) * nibbles(blocks[:, 4:]) + half(blocks, 2)


def dequantize_q5_0(blocks: Blocks) -> Elements:
    """A scale, the fifth bits of 32 numbers, then their lower four bits; 16 is subtracted."""
    return half(blocks, 0) * five_bits(blocks[:, 2:6], blocks[:, 6:], offset=16)


def dequantize_q5_1(blocks: Blocks) -> Elements:
    """A scale and a minimum, the fifth bits of 32 numbers, then their lower four bits."""
    return half(blocks, 0) * five_bits(blocks[:, 4:8], blocks[:, 8:]) + half(blocks, 2)


def half(blocks: Blocks, start: int) -> Elements:
    """The number of 16 bits at a byte of each block, as a column."""
    return np.ascontiguousarray(blocks[:, start : start + 2]).view("<f2").astype(np.float32)


def nibbles(content: Blocks, offset: int = 0) -> Elements:
    """The numbers of four bits, less the offset: first the low halves of all bytes, then the high ones."""
    numbers = np.empty((len(content), 2 * content.shape[1]), np.float32)
    numbers[:, :HALF], numbers[:, HALF:] = content & LOW_BITS, content >> np.uint8(4)
    numbers -= offset
    return numbers


def five_bits(fifth: Blocks, low: Blocks, offset: int = 0) -> Elements:
    """The numbers of five bits, less the offset, from their fifth bits and their lower four."""
    numbers = nibbles(low, offset)
    numbers += np.unpackbits(fifth, axis=1, bitorder="little") << 4
    return numbers


Dequantize = Callable[[Blocks], Elements]
SIMPLE_FORMATS: dict[str, Dequantize] = {
    "F32": dequantize_f32,
    "F16": dequantize_f16,
    "BF16": dequantize_bf16,
    "Q8_0": dequantize_q8_0,
    "Q4_0": dequantize_q4_0,
    "Q4_1": dequantize_q4_1,
    "Q5_0": dequantize_q5_0,
    "Q5_1": dequantize_q5_1,
}
