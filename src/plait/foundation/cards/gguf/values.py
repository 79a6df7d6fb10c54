"""Metadata values of a GGUF file, with their types.

The format: https://github.com/ggml-org/ggml/blob/master/docs/gguf.md. Numbers are little-endian.
"""

import struct
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from enum import IntEnum

LENGTH_BYTES = 8  # a length or a count is an unsigned integer of 64 bits
LENGTH = struct.Struct("<Q")


class GgufValueType(IntEnum):
    """Type of a metadata value; the numbers are those of the format."""

    UINT8 = 0
    INT8 = 1
    UINT16 = 2
    INT16 = 3
    UINT32 = 4
    INT32 = 5
    FLOAT32 = 6
    BOOL = 7
    STRING = 8
    ARRAY = 9
    UINT64 = 10
    INT64 = 11
    FLOAT64 = 12


T = GgufValueType
# Letters of Python's struct module.
NUMBER_FORMATS = {
    **{T.UINT8: "B", T.INT8: "b", T.UINT16: "H", T.INT16: "h", T.UINT32: "I", T.INT32: "i"},
    **{T.FLOAT32: "f", T.BOOL: "?", T.UINT64: "Q", T.INT64: "q", T.FLOAT64: "d"},
}

INTEGER_TYPES = frozenset((T.UINT8, T.INT8, T.UINT16, T.INT16, T.UINT32, T.INT32, T.UINT64, T.INT64))


def number_bytes(value_type: GgufValueType) -> int:
    """Bytes of one number of this type."""
    return struct.calcsize(f"<{NUMBER_FORMATS[value_type]}")


@dataclass(frozen=True)
class GgufArray(Collection[str | int | float]):
    """Array of `length` texts or numbers. `content` are its bytes; they are decoded only when the array is iterated."""

    element_type: GgufValueType
    length: int
    content: bytes = field(repr=False)

    def __len__(self) -> int:
        return self.length

    def __iter__(self) -> Iterator[str | int | float]:
        return self.texts() if self.element_type == T.STRING else self.numbers()

    def __contains__(self, item: object) -> bool:
        return any(item == each for each in self)

    def texts(self) -> Iterator[str]:
        """The texts. Bytes that are not UTF-8 become U+FFFD: some vocabularies have such tokens."""
        start = 0
        while start < len(self.content):
            (length,) = LENGTH.unpack_from(self.content, start)
            start += LENGTH_BYTES
            yield self.content[start : start + length].decode(errors="replace")
            start += length

    def numbers(self) -> Iterator[int | float]:
        for (number,) in struct.iter_unpack(f"<{NUMBER_FORMATS[self.element_type]}", self.content):
            yield number


@dataclass(frozen=True)
class GgufValue:
    """A metadata value. `content` is a GgufArray for arrays."""

    value_type: GgufValueType
    content: str | int | float | GgufArray

    @classmethod
    def text(cls, text: str) -> "GgufValue":
        return cls(T.STRING, text)

    @classmethod
    def unsigned(cls, number: int) -> "GgufValue":
        """An unsigned integer of 32 bits, which llama.cpp expects for sizes and counts."""
        return cls(T.UINT32, number)

    @classmethod
    def real(cls, number: float) -> "GgufValue":
        """A floating-point number of 32 bits."""
        return cls(T.FLOAT32, number)

    @classmethod
    def truth(cls, value: bool) -> "GgufValue":
        return cls(T.BOOL, value)

    @classmethod
    def texts(cls, texts: Sequence[str]) -> "GgufValue":
        return cls(T.ARRAY, GgufArray(T.STRING, len(texts), b"".join(map(encoded_text, texts))))

    @classmethod
    def numbers(cls, element_type: GgufValueType, numbers: Sequence[int | float]) -> "GgufValue":
        content = struct.pack(f"<{len(numbers)}{NUMBER_FORMATS[element_type]}", *numbers)
        return cls(T.ARRAY, GgufArray(element_type, len(numbers), content))


def encoded_text(text: str) -> bytes:
    """A text as the file has it: its length in bytes, then the bytes."""
    content = text.encode()
    return LENGTH.pack(len(content)) + content
