"""Files whose rows are read in chunks: row groups of Parquet, record batches of Arrow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from plait.core.errors import InputError
from plait.foundation.data.sources.bad_rows import BadRow

MAX_CACHED_BYTES = 256 * 2**20  # bytes of recently read chunks; a small file stays in memory as a whole
MAX_CHUNK_BYTES = 2**30  # bytes of a chunk: it is in memory as a whole while one of its rows is read


class DamagedRow(InputError):
    """A row that cannot be read because its file is damaged there; other rows may be intact."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} {reason}", hint="correct the file, or remove it")
        self.row = BadRow(where, reason)


class Shard(Protocol):
    """A file of chunks.

    `row_counts` are rows per chunk; `features` are the column features of Hugging Face's `datasets`.
    """

    @property
    def file(self) -> Path: ...

    @property
    def column_names(self) -> tuple[str, ...]: ...

    @property
    def row_counts(self) -> tuple[int, ...]: ...

    @property
    def features(self) -> Mapping[str, object]: ...

    def read_chunk(self, chunk_index: int, columns: tuple[str, ...]) -> Any:
        """A pyarrow Table or RecordBatch of the columns. Raises the exceptions of pyarrow, and InputError."""
        ...


@dataclass
class ChunkCache:
    """Cache of recently read chunks: always the newest, and as many older ones as fit in MAX_CACHED_BYTES."""

    chunks: "dict[tuple[Path, int, tuple[str, ...]], Any]" = field(default_factory=dict)

    def read_chunk(self, shard: Shard, chunk_index: int, columns: tuple[str, ...]) -> Any:
        """Reads a chunk through the cache. Raises the exceptions of pyarrow, and InputError."""
        key = (shard.file, chunk_index, columns)
        chunk = self.chunks.pop(key, None)
        if chunk is None:
            self.evict()
            chunk = shard.read_chunk(chunk_index, columns)
        self.chunks[key] = chunk
        return chunk

    def evict(self) -> None:
        while self.chunks and sum(each.nbytes for each in self.chunks.values()) > MAX_CACHED_BYTES:
            del self.chunks[next(iter(self.chunks))]


def unique_column_names(file: Path, column_names: tuple[str, ...]) -> tuple[str, ...]:
    """Column names of a file. Raises InputError for a duplicate."""
    twice = next((name for name in column_names if column_names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{file} has two columns called {twice}", hint="give one of them another name")
    return column_names
