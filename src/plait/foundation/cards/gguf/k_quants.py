"""Dequantises the K formats of ggml: super-blocks of 256 elements, whose parts have quantised scales of their own.

The layout is that of ggml-common.h, the arithmetic that of `dequantize_row_*` in ggml-quants.c, bit by bit.
"""

import numpy as np
from numpy.typing import NDArray

from plait.foundation.cards.gguf.block_formats import LOW_BITS, Blocks, Dequantize, Elements, half

SUPER_BLOCK = 256  # elements
SCALE_BYTES = 12  # eight scales and eight minima of six bits
LOW_TWO, LOW_SIX = np.uint8(0x03), np.uint8(0x3F)


def dequantize_q4_k(blocks: Blocks) -> Elements:
    """Two scales of 16 bits, the packed scales of eight parts of 32 elements, then numbers of four bits."""
    scales, minima = part_scales(blocks)
    return scaled_parts(scales, pairs_of_nibbles(blocks[:, 4 + SCALE_BYTES :]), minima)


def dequantize_q5_k(blocks: Blocks) -> Elements:
    """As Q4_K, with the fifth bits of all numbers before their lower four."""
    scales, minima = part_scales(blocks)
    high_end = 4 + SCALE_BYTES + SUPER_BLOCK // 8
    high = blocks[:, 4 + SCALE_BYTES : high_end]
    fifth = np.stack([(high >> np.uint8(part)) & np.uint8(1) for part in range(8)], axis=1)
    return scaled_parts(scales, pairs_of_nibbles(blocks[:, high_end:]) | (fifth << np.uint8(4)), minima)


def dequantize_q6_k(blocks: Blocks) -> Elements:
    """Low four bits, high two bits, 16 scales of eight bits, and the scale of the scales."""
    count = len(blocks)
    low = blocks[:, :128].reshape(count, 2, 1, 64) >> np.array([0, 4], np.uint8).reshape(1, 1, 2, 1)
    high = blocks[:, 128:192].reshape(count, 2, 1, 32) >> np.array([0, 2, 4, 6], np.uint8).reshape(1, 1, 4, 1)
    low_bits = (low & LOW_BITS).reshape(count, 2, 4, 32)
    numbers = (low_bits | (high & LOW_TWO) << np.uint8(4)).reshape(count, 16, 16).astype(np.int8) - np.int8(32)
    scales = half(blocks, 208) * blocks[:, 192:208].view(np.int8).astype(np.float32)
    return (scales[:, :, None] * numbers.astype(np.float32)).reshape(count, SUPER_BLOCK)


def part_scales(blocks: Blocks) -> tuple[Elements, Elements]:
    """Scale and minimum of each of the eight parts of a super-block."""
    first, second, mixed = np.split(blocks[:, 4 : 4 + SCALE_BYTES], 3, axis=1)
    scales = np.concatenate((first & LOW_SIX, mixed & LOW_BITS | first >> np.uint8(6) << np.uint8(4)), axis=1)
    minima = np.concatenate((second & LOW_SIX, mixed >> np.uint8(4) | second >> np.uint8(6) << np.uint8(4)), axis=1)
    return half(blocks, 0) * scales.astype(np.float32), half(blocks, 2) * minima.astype(np.float32)


def pairs_of_nibbles(content: Blocks) -> NDArray[np.uint8]:
    """Numbers of four bits as eight parts of 32: 32 bytes hold one part in their low bits, the next in the high."""
    chunks = content.reshape(len(content), 4, 1, 32) >> np.array([0, 4], np.uint8).reshape(1, 1, 2, 1)
    return (chunks & LOW_BITS).reshape(len(content), 8, 32)


def scaled_parts(scales: Elements, numbers: NDArray[np.uint8], minima: Elements) -> Elements:
    elements = scales[:, :, None] * numbers.astype(np.float32) - minima[:, :, None]
    return elements.reshape(len(numbers), SUPER_BLOCK)


K_FORMATS: dict[str, Dequantize] = {"Q4_K": dequantize_q4_k, "Q5_K": dequantize_q5_k, "Q6_K": dequantize_q6_k}
