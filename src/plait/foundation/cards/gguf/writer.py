"""Writes GGUF files: version 3, little-endian. The same metadata and tensors give the same bytes."""

import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import CheckpointError
from plait.core.values import durable_files
from plait.foundation.cards.gguf.header import ALIGNMENT, DEFAULT_ALIGNMENT, MAGIC
from plait.foundation.cards.gguf.tensor_table import MAX_NAME_BYTES, aligned
from plait.foundation.cards.gguf.tensor_types import TENSOR_TYPES
from plait.foundation.cards.gguf.values import (
    LENGTH,
    NUMBER_FORMATS,
    GgufArray,
    GgufValue,
    encoded_text,
)

WRITTEN_VERSION = 3


@dataclass(frozen=True)
class TensorContent:
    """A tensor to write: the name of its type, its shape (rows first) and its bytes."""

    type_name: str
    shape: tuple[int, ...]
    content: bytes


def write_gguf(file: Path, metadata: Mapping[str, GgufValue], tensors: Mapping[str, TensorContent]) -> None:
    """Writes a file, which is durable on return and never incomplete under its name. Raises CheckpointError."""
    try:
        durable_files.create(file, gguf_bytes(metadata, tensors))
    except OSError as error:
        raise CheckpointError(
            f"{file} cannot be written: {error.strerror}", hint="free some space, or choose another folder"
        ) from None


def gguf_bytes(metadata: Mapping[str, GgufValue], tensors: Mapping[str, TensorContent]) -> bytes:
    """Content of a file. `general.alignment` in the metadata is respected."""
    alignment = int(str(metadata[ALIGNMENT].content)) if ALIGNMENT in metadata else DEFAULT_ALIGNMENT
    parts = [MAGIC, struct.pack("<IQQ", WRITTEN_VERSION, len(tensors), len(metadata))]
    parts += [encoded_text(key) + encoded_value(value) for key, value in metadata.items()]
    parts += table_lines(tensors, alignment)
    header = b"".join(parts)
    return b"".join((pad(header, alignment), *(pad(each.content, alignment) for each in tensors.values())))


def encoded_value(value: GgufValue) -> bytes:
    return struct.pack("<I", value.value_type) + encoded_content(value)


def encoded_content(value: GgufValue) -> bytes:
    content = value.content
    if isinstance(content, GgufArray):
        return struct.pack("<I", content.element_type) + LENGTH.pack(len(content)) + content.content
    if isinstance(content, str):
        return encoded_text(content)
    return struct.pack(f"<{NUMBER_FORMATS[value.value_type]}", content)


def table_lines(tensors: Mapping[str, TensorContent], alignment: int) -> Iterator[bytes]:
    offset = 0
    for name, tensor in tensors.items():
        tensor_type = TENSOR_TYPES[tensor.type_name]
        if len(name.encode()) > MAX_NAME_BYTES or len(tensor.content) != tensor_type.num_bytes(tensor.shape):
            raise CheckpointError(
                f"the tensor {name!r} cannot be written: {len(tensor.content):,} bytes as {tensor.type_name} of the "
                f"shape {tensor.shape}, and at most {MAX_NAME_BYTES} bytes of name"
            )
        dimensions = struct.pack(f"<I{len(tensor.shape)}Q", len(tensor.shape), *reversed(tensor.shape))
        yield encoded_text(name) + dimensions + struct.pack("<IQ", tensor_type.number, offset)
        offset = aligned(offset + len(tensor.content), alignment)


def pad(content: bytes, alignment: int) -> bytes:
    """The content, filled with zeros to a multiple of the alignment."""
    return content.ljust(aligned(len(content), alignment), b"\0")
