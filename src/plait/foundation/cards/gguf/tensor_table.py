"""Parses the tensor table of a GGUF header and checks where the tensors lie.

As llama.cpp demands, the tensors follow one another in the order of the table, each at the next multiple of the
alignment: none overlap, none are outside the file, and no bytes are between them.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plait.core.values.quoting import quote
from plait.foundation.cards.gguf.header_bytes import HeaderBytes
from plait.foundation.cards.gguf.tensor_types import TYPES_BY_NUMBER, GgufTensorType

MAX_TENSORS = 65_536  # the largest models have about 2,000, an adapter twice as many as its model
MAX_NAME_BYTES = 63  # GGML_MAX_NAME without the final zero
MAX_DIMENSIONS = 4  # GGML_MAX_DIMS
MAX_ELEMENTS = 2**63 - 1
REMAINDER_HINT = "the file holds more than one model, or was damaged: copy or download it again"


@dataclass(frozen=True)
class GgufTensor:
    """Place of a tensor in its file. `shape` is in numpy's order: rows first, the elements of a row last.

    `offset` counts from the beginning of the file.
    """

    tensor_type: GgufTensorType
    shape: tuple[int, ...]
    offset: int

    @property
    def num_bytes(self) -> int:
        return self.tensor_type.num_bytes(self.shape)


@dataclass(frozen=True)
class TableEntry:
    """One line of the tensor table; `offset` counts from the end of the header."""

    name: str
    tensor_type: GgufTensorType
    shape: tuple[int, ...]
    offset: int


def parse_table(header: HeaderBytes, count: int) -> list[TableEntry]:
    """The lines of the table. Raises CheckpointError for a name that occurs twice."""
    entries: dict[str, TableEntry] = {}
    for _ in range(count):
        entry = parse_entry(header)
        if entry.name in entries:
            raise header.error(f"the tensor {quote(entry.name)} occurs twice")
        entries[entry.name] = entry
    return list(entries.values())


def parse_entry(header: HeaderBytes) -> TableEntry:
    name = header.text("the name of a tensor", MAX_NAME_BYTES)
    if not name or not name.isprintable():
        raise header.error(f"the name of a tensor is {quote(name)}")
    num_dimensions = int(header.number("I"))
    if not 1 <= num_dimensions <= MAX_DIMENSIONS:
        raise header.error(f"the tensor {quote(name)} has {num_dimensions} dimensions, and 1 to 4 are possible")
    shape = tuple(int(header.number("Q")) for _ in range(num_dimensions))[::-1]
    tensor_type = parse_tensor_type(header, name)
    check_shape(header, name, shape, tensor_type)
    return TableEntry(name, tensor_type, shape, int(header.number("Q")))


def parse_tensor_type(header: HeaderBytes, name: str) -> GgufTensorType:
    number = int(header.number("I"))
    if number not in TYPES_BY_NUMBER:
        raise header.error(f"the tensor {quote(name)} has the unknown type {number}")
    return TYPES_BY_NUMBER[number]


def check_shape(header: HeaderBytes, name: str, shape: tuple[int, ...], tensor_type: GgufTensorType) -> None:
    elements = 1
    for length in shape:
        elements *= length
        if not 1 <= length <= MAX_ELEMENTS or elements > MAX_ELEMENTS:
            raise header.error(f"the tensor {quote(name)} has the impossible shape {shape}")
    if shape[-1] % tensor_type.block_elements:
        raise header.error(
            f"the tensor {quote(name)} has rows of {shape[-1]:,} elements, and {tensor_type.name} stores "
            f"blocks of {tensor_type.block_elements}"
        )


def place_tensors(
    header: HeaderBytes, entries: list[TableEntry], alignment: int, file_bytes: int
) -> Mapping[str, GgufTensor]:
    """Tensors by name, with their offsets in the file. Raises CheckpointError unless they fill the file."""
    start = aligned(header.position, alignment)
    tensors: dict[str, GgufTensor] = {}
    end = start
    for entry, expected in with_expected_offsets(entries, alignment):
        if entry.offset != expected:
            raise header.error(
                f"the tensor {quote(entry.name)} begins at byte {entry.offset:,} after the header, and should begin "
                f"at {expected:,}"
            )
        tensors[entry.name] = GgufTensor(entry.tensor_type, entry.shape, start + entry.offset)
        end = start + entry.offset + entry.tensor_type.num_bytes(entry.shape)
    if entries and end > file_bytes:
        raise header.error(f"it has {file_bytes:,} bytes, and its tensors end at {end:,}")
    if file_bytes > aligned(end, alignment):
        raise header.error(f"{file_bytes - end:,} bytes follow its last tensor", hint=REMAINDER_HINT)
    return tensors


def with_expected_offsets(entries: list[TableEntry], alignment: int) -> Iterator[tuple[TableEntry, int]]:
    offset = 0
    for entry in entries:
        yield entry, offset
        offset = aligned(offset + entry.tensor_type.num_bytes(entry.shape), alignment)


def aligned(position: int, alignment: int) -> int:
    """The next multiple of the alignment."""
    return -(-position // alignment) * alignment
