"""Types of tensors in GGUF files, with the sizes of their blocks.

A quantised tensor is a sequence of blocks along its rows: a block holds some elements and the numbers that scale them.
Numbers and sizes are those of ggml (ggml.h, ggml-common.h), without those types that files never have.
"""

from dataclasses import dataclass
from math import prod


@dataclass(frozen=True)
class GgufTensorType:
    """Type of a tensor: a block of `block_elements` elements takes `block_bytes` bytes."""

    name: str
    number: int
    block_elements: int
    block_bytes: int

    def num_bytes(self, shape: tuple[int, ...]) -> int:
        """Bytes of a tensor of this shape, whose last dimension is a multiple of the block."""
        return prod(shape) // self.block_elements * self.block_bytes


_SIZES = (
    ("F32", 0, 1, 4),
    ("F16", 1, 1, 2),
    ("Q4_0", 2, 32, 18),
    ("Q4_1", 3, 32, 20),
    ("Q5_0", 6, 32, 22),
    ("Q5_1", 7, 32, 24),
    ("Q8_0", 8, 32, 34),
    ("Q2_K", 10, 256, 84),
    ("Q3_K", 11, 256, 110),
    ("Q4_K", 12, 256, 144),
    ("Q5_K", 13, 256, 176),
    ("Q6_K", 14, 256, 210),
    ("IQ2_XXS", 16, 256, 66),
    ("IQ2_XS", 17, 256, 74),
    ("IQ3_XXS", 18, 256, 98),
    ("IQ1_S", 19, 256, 50),
    ("IQ4_NL", 20, 32, 18),
    ("IQ3_S", 21, 256, 110),
    ("IQ2_S", 22, 256, 82),
    ("IQ4_XS", 23, 256, 136),
    ("I8", 24, 1, 1),
    ("I16", 25, 1, 2),
    ("I32", 26, 1, 4),
    ("I64", 27, 1, 8),
    ("F64", 28, 1, 8),
    ("IQ1_M", 29, 256, 56),
    ("BF16", 30, 1, 2),
    ("TQ1_0", 34, 256, 54),
    ("TQ2_0", 35, 256, 66),
    ("MXFP4", 39, 32, 17),
    ("NVFP4", 40, 64, 36),
    ("Q1_0", 41, 128, 18),
)
TENSOR_TYPES = {name: GgufTensorType(name, *sizes) for name, *sizes in _SIZES}
TYPES_BY_NUMBER = {each.number: each for each in TENSOR_TYPES.values()}
