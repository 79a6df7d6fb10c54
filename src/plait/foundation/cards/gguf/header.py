"""Header of a GGUF file: metadata and tensor table, checked without native code.

Model files come from strangers, and llama.cpp's parser of them had memory errors (CVE-2024-23605 and others): a file
goes through this reader first, which needs neither numpy nor torch. Whatever a file claims, at most 100 MB of it are
read, in a few seconds.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

from plait.core.errors import CheckpointError
from plait.core.values.quoting import quote
from plait.foundation.cards.gguf.header_bytes import HeaderBytes
from plait.foundation.cards.gguf.metadata import MAX_KEYS, parse_metadata
from plait.foundation.cards.gguf.tensor_table import MAX_TENSORS, GgufTensor, parse_table, place_tensors
from plait.foundation.cards.gguf.values import INTEGER_TYPES, GgufArray, GgufValue, GgufValueType

MAGIC = b"GGUF"
VERSIONS = (2, 3)
ARCHITECTURE = "general.architecture"
ALIGNMENT = "general.alignment"
DEFAULT_ALIGNMENT = 32  # bytes
MAX_ALIGNMENT = 65_536
CONVERT_HINT = "convert the model again with a current llama.cpp"


@dataclass(frozen=True)
class GgufHeader:
    """Metadata and tensors of a GGUF file.

    The typed accessors raise CheckpointError for a key that is missing or has a value of another type.
    """

    file: Path
    version: int
    metadata: Mapping[str, GgufValue]
    tensors: Mapping[str, GgufTensor]

    @property
    def architecture(self) -> str:
        return self.text(ARCHITECTURE)

    def text(self, key: str, default: str | None = None) -> str:
        content = self.content(key, default)
        return content if isinstance(content, str) else self.refuse(key, "a text")

    def integer(self, key: str, default: int | None = None) -> int:
        content = self.content(key, default)
        if isinstance(content, int) and not isinstance(content, bool):
            return content
        self.refuse(key, "an integer")

    def real(self, key: str, default: float | None = None) -> float:
        content = self.content(key, default)
        return content if isinstance(content, float) else self.refuse(key, "a floating-point number")

    def truth(self, key: str, default: bool | None = None) -> bool:
        content = self.content(key, default)
        return content if isinstance(content, bool) else self.refuse(key, "true or false")

    def texts(self, key: str) -> tuple[str, ...]:
        content = self.content(key, None)
        if isinstance(content, GgufArray) and content.element_type == GgufValueType.STRING:
            return tuple(content.texts())
        self.refuse(key, "an array of texts")

    def integers(self, key: str) -> tuple[int, ...]:
        content = self.content(key, None)
        if isinstance(content, GgufArray) and content.element_type in INTEGER_TYPES:
            return tuple(map(int, content.numbers()))
        self.refuse(key, "an array of integers")

    def content(self, key: str, default: str | float | None) -> str | float | GgufArray:
        """The value of a key, or the default. Raises CheckpointError if there is neither."""
        if key in self.metadata:
            return self.metadata[key].content
        if default is None:
            raise CheckpointError(f"{self.file} has no metadata {key!r}", hint=CONVERT_HINT)
        return default

    def refuse(self, key: str, expected: str) -> NoReturn:
        type_name = self.metadata[key].value_type.name.lower()
        raise CheckpointError(
            f"{self.file} has the metadata {key!r} as {type_name}, and {expected} was expected", hint=CONVERT_HINT
        )


def read_gguf_header(file: Path) -> GgufHeader:
    """Reads and checks the header of a GGUF file.

    Raises CheckpointError if the file cannot be read, is damaged, or has more than the limits allow.
    """
    try:
        with file.open("rb") as stream:
            return parse_header(HeaderBytes(file, stream), os.fstat(stream.fileno()).st_size)
    except OSError as error:
        raise CheckpointError(f"{file} cannot be read: {error.strerror}", hint="check the path") from None


def parse_header(header: HeaderBytes, file_bytes: int) -> GgufHeader:
    version = parse_version(header)
    num_tensors = header.count("tensors", MAX_TENSORS)
    metadata = parse_metadata(header, header.count("metadata keys", MAX_KEYS))
    entries = parse_table(header, num_tensors)
    tensors = place_tensors(header, entries, alignment(header, metadata), file_bytes)
    return GgufHeader(header.file, version, metadata, tensors)


def parse_version(header: HeaderBytes) -> int:
    magic = header.take(len(MAGIC))
    if magic != MAGIC:
        raise header.error(f"it begins with {magic!r}, and a GGUF file with {MAGIC!r}", hint="check the path")
    version = int(header.number("I"))
    if not version & 0xFFFF:  # the same test as llama.cpp's
        raise header.error("its numbers are big-endian", hint="convert the model for little-endian machines")
    if version not in VERSIONS:
        raise header.error(f"it has version {version} of the format, and 2 and 3 are known", hint=CONVERT_HINT)
    return version


def alignment(header: HeaderBytes, metadata: Mapping[str, GgufValue]) -> int:
    """Alignment of the tensors in bytes: a power of two."""
    value = metadata.get(ALIGNMENT, GgufValue.unsigned(DEFAULT_ALIGNMENT))
    number = value.content if value.value_type == GgufValueType.UINT32 else 0
    if not isinstance(number, int) or not 8 <= number <= MAX_ALIGNMENT or number & (number - 1):
        raise header.error(
            f"{ALIGNMENT} is {quote(value.content)}, and a power of two from 8 to {MAX_ALIGNMENT:,} is possible"
        )
    return number
