"""The bytes of a GGUF header, read piece by piece. A file decides neither how much is read nor how long it takes."""

import struct
from pathlib import Path
from typing import BinaryIO

from plait.core.errors import CheckpointError
from plait.core.values.quoting import quote
from plait.foundation.cards.gguf.values import LENGTH, LENGTH_BYTES

MAX_HEADER_BYTES = 100_000_000  # vocabularies of 262,144 tokens with their merges take about 16 MB
MAX_TEXT_BYTES = 8 * 2**20  # the longest chat templates have 20 KB
MAX_TEXTS = 4_000_000  # texts in arrays of one file; skipping so many takes about a second
FIRST_READ = 2**20  # bytes; each further read doubles what is there
DAMAGED_HINT = "the file is damaged or was not copied completely: copy or download it again"


class HeaderBytes:
    """Reads numbers and texts one after another. Raises CheckpointError at the end of the file and beyond a limit."""

    def __init__(self, file: Path, stream: BinaryIO) -> None:
        self.file, self.stream = file, stream
        self.content = b""
        self.position = 0
        self.texts_left = MAX_TEXTS

    def error(self, problem: str, hint: str = DAMAGED_HINT) -> CheckpointError:
        return CheckpointError(f"{self.file} cannot be read as GGUF: {problem}", hint=hint)

    def number(self, letter: str) -> int | float:
        """A number, by its letter in Python's struct module."""
        start = self.position
        self.skip(struct.calcsize(f"<{letter}"))
        return struct.unpack_from(f"<{letter}", self.content, start)[0]

    def count(self, name: str, limit: int) -> int:
        """A count of 64 bits; `name` and `limit` are for the error."""
        count = int(self.number("Q"))
        if count > limit:
            raise self.error(f"it claims {count:,} {name}, and at most {limit:,} are accepted")
        return count

    def take(self, length: int) -> bytes:
        start = self.position
        self.skip(length)
        return self.content[start : self.position]

    def text(self, name: str, limit: int = MAX_TEXT_BYTES) -> str:
        """A text of at most `limit` bytes; `name` is for the error."""
        content = self.take(self.count(f"bytes of {name}", limit))
        try:
            return content.decode()
        except UnicodeDecodeError:
            raise self.error(f"{name} is not UTF-8: {quote(content)}") from None

    def texts(self, count: int) -> bytes:
        """The bytes of as many texts, which are not decoded: a vocabulary has 100,000 and more."""
        self.texts_left -= count
        if self.texts_left < 0:
            raise self.error(f"it claims more than {MAX_TEXTS:,} texts in arrays")
        start = self.position
        for _ in range(count):
            position = self.position + LENGTH_BYTES
            if position > len(self.content):
                self.skip(LENGTH_BYTES)
                self.position -= LENGTH_BYTES
            end = position + LENGTH.unpack_from(self.content, self.position)[0]
            if end > len(self.content):
                self.skip(end - self.position)
            self.position = end
        return self.content[start : self.position]

    def skip(self, length: int) -> None:
        """Moves forward, reading on where needed."""
        end = self.position + length
        if end > len(self.content):
            self.read_until(end)
        self.position = end

    def read_until(self, end: int) -> None:
        if end > MAX_HEADER_BYTES:
            raise self.error(f"its header has {end:,} bytes, and at most {MAX_HEADER_BYTES:,} are accepted")
        wanted = min(MAX_HEADER_BYTES, max(end, FIRST_READ, 2 * len(self.content)))
        self.content += self.stream.read(wanted - len(self.content))
        if end > len(self.content):
            raise self.error(f"it ends after {len(self.content):,} bytes, within its header")
