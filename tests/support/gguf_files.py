"""Small GGUF files, and their parts as Hypothesis strategies."""

import io
import struct
from collections.abc import Mapping
from pathlib import Path

from hypothesis import strategies as st

from plait.foundation.cards.gguf.header import GgufHeader, parse_header
from plait.foundation.cards.gguf.header_bytes import HeaderBytes
from plait.foundation.cards.gguf.tensor_types import TENSOR_TYPES
from plait.foundation.cards.gguf.values import GgufValue, GgufValueType, encoded_text
from plait.foundation.cards.gguf.writer import TensorContent

T = GgufValueType
Metadata = Mapping[str, GgufValue]
Tensors = Mapping[str, TensorContent]
TEXTS = st.text(st.characters(exclude_categories=("Cs",)), max_size=20)
KEYS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=30)
NAMES = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=63)
INTEGERS = {
    **{T.UINT8: (0, 2**8), T.INT8: (-(2**7), 2**7), T.UINT16: (0, 2**16), T.INT16: (-(2**15), 2**15)},
    **{T.UINT32: (0, 2**32), T.INT32: (-(2**31), 2**31), T.UINT64: (0, 2**64), T.INT64: (-(2**63), 2**63)},
}
NUMBERS = {
    **{value_type: st.integers(low, high - 1) for value_type, (low, high) in INTEGERS.items()},
    T.FLOAT32: st.floats(width=32, allow_nan=False),
    T.FLOAT64: st.floats(allow_nan=False),
    T.BOOL: st.booleans(),
}
VALUES = st.one_of(
    TEXTS.map(GgufValue.text),
    st.lists(TEXTS, max_size=5).map(GgufValue.texts),
    *(numbers.map(lambda number, t=value_type: GgufValue(t, number)) for value_type, numbers in NUMBERS.items()),
    *(
        st.lists(numbers, max_size=5).map(lambda each, t=value_type: GgufValue.numbers(t, each))
        for value_type, numbers in NUMBERS.items()
    ),
)
METADATA = st.dictionaries(KEYS.filter(lambda key: key != "general.alignment"), VALUES, max_size=5)


@st.composite
def tensors(draw: st.DrawFn) -> TensorContent:
    tensor_type = draw(st.sampled_from(list(TENSOR_TYPES.values())))
    rows = draw(st.lists(st.integers(1, 3), max_size=3))
    shape = (*rows, draw(st.integers(1, 2)) * tensor_type.block_elements)
    length = tensor_type.num_bytes(shape)
    return TensorContent(tensor_type.name, shape, (draw(st.binary(min_size=1, max_size=40)) * length)[:length])


TENSORS = st.dictionaries(NAMES, tensors(), max_size=4)
SMALL_TENSORS: Tensors = {
    "a.weight": TensorContent("F32", (2, 3), struct.pack("<6f", *range(6))),
    "b.weight": TensorContent("Q8_0", (1, 32), bytes(34)),
}


def parse(content: bytes) -> GgufHeader:
    """The header of a file with this content."""
    return parse_header(HeaderBytes(Path("small.gguf"), io.BytesIO(content)), len(content))


def raw_file(keys: list[bytes], table: list[bytes], *, version: int = 3, tail: bytes = b"") -> bytes:
    """A file from encoded keys and lines of the tensor table, unchecked; `tail` follows the padded header."""
    header = b"".join((b"GGUF", struct.pack("<IQQ", version, len(table), len(keys)), *keys, *table))
    return header.ljust(-(-len(header) // 32) * 32, b"\0") + tail


def raw_key(key: str, value_type: int, content: bytes) -> bytes:
    return encoded_text(key) + struct.pack("<I", value_type) + content


def raw_tensor(name: str, dimensions: list[int], type_number: int = 0, offset: int = 0) -> bytes:
    shape = struct.pack(f"<I{len(dimensions)}Q", len(dimensions), *dimensions)
    return encoded_text(name) + shape + struct.pack("<IQ", type_number, offset)
