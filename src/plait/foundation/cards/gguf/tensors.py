"""Reads the tensors of a GGUF file as float32, and quantises tensors for a new file."""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from plait.core.errors import CheckpointError
from plait.foundation.cards.gguf.block_formats import SIMPLE_FORMATS, Blocks, Elements
from plait.foundation.cards.gguf.header import GgufHeader
from plait.foundation.cards.gguf.k_quants import K_FORMATS
from plait.foundation.cards.gguf.tensor_types import TENSOR_TYPES, GgufTensorType
from plait.foundation.cards.gguf.writer import TensorContent

READABLE_FORMATS = SIMPLE_FORMATS | K_FORMATS
Q8_LIMIT = 127


def read_tensor(header: GgufHeader, name: str) -> Elements:
    """A tensor, dequantised. Raises CheckpointError if the file has none of that name, or in a format that is not read.

    All tensors of SmolLM2-135M in Q4_1 take 0.5 s.
    """
    tensor = header.tensors.get(name)
    if tensor is None:
        raise CheckpointError(f"{header.file} has no tensor {name!r}", hint="convert the model again with llama.cpp")
    check_format(header, name, tensor.tensor_type)
    return dequantize(read_blocks(header, name), tensor.tensor_type).reshape(tensor.shape)


def read_blocks(header: GgufHeader, name: str) -> Blocks:
    """The bytes of a tensor that the file has. Raises CheckpointError if the file became shorter."""
    tensor = header.tensors[name]
    content = np.fromfile(header.file, np.uint8, tensor.num_bytes, offset=tensor.offset)
    if len(content) < tensor.num_bytes:
        raise CheckpointError(f"{header.file} became shorter while it was read", hint="copy it again")
    return content


def check_format(header: GgufHeader, name: str, tensor_type: GgufTensorType) -> None:
    if tensor_type.name not in READABLE_FORMATS:
        raise CheckpointError(
            f"{header.file} has the tensor {name!r} as {tensor_type.name}, which Plait serves and cannot train",
            hint=f"take the model as {', '.join(sorted(READABLE_FORMATS))}",
        )


def dequantize(content: Blocks, tensor_type: GgufTensorType) -> Elements:
    """The elements of a tensor's bytes, in one row."""
    blocks = content.reshape(-1, tensor_type.block_bytes)
    return READABLE_FORMATS[tensor_type.name](blocks).reshape(-1)


def quantize(elements: NDArray[np.float32], type_name: str) -> TensorContent:
    """A tensor in F32, F16 or Q8_0, to be written. Rows of Q8_0 have a multiple of 32 elements."""
    blocks = elements.astype(np.float32).reshape(-1, TENSOR_TYPES[type_name].block_elements)
    return TensorContent(type_name, elements.shape, WRITABLE_FORMATS[type_name](blocks))


def quantize_f32(blocks: Elements) -> bytes:
    return blocks.astype("<f4").tobytes()


def quantize_f16(blocks: Elements) -> bytes:
    return blocks.astype("<f2").tobytes()


def quantize_q8_0(blocks: Elements) -> bytes:
    """A scale that makes the largest element 127, then the elements rounded half away from zero, as ggml does."""
    scales = np.abs(blocks).max(axis=1, keepdims=True) / np.float32(Q8_LIMIT)
    inverse = np.divide(1, scales, out=np.zeros_like(scales), where=scales != 0)
    numbers = blocks * inverse
    rounded = np.copysign(np.floor(np.abs(numbers) + np.float32(0.5)), numbers).astype(np.int8)
    return np.concatenate((scales.astype("<f2").view(np.uint8), rounded.view(np.uint8)), axis=1).tobytes()


WRITABLE_FORMATS: dict[str, Callable[[Elements], bytes]] = {
    "F32": quantize_f32,
    "F16": quantize_f16,
    "Q8_0": quantize_q8_0,
}
