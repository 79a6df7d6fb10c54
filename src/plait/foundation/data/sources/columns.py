"""Rows of columnar files, by index. In memory only the chunk boundaries are kept."""

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from plait.core.evaluation.rows import DatasetRow
from plait.core.task.declaration import Declaration
from plait.core.values.json_value import Json
from plait.foundation.data.sources.arrow import first_line, pyarrow_errors
from plait.foundation.data.sources.bad_rows import BadRow
from plait.foundation.data.sources.cells import cell_to_json
from plait.foundation.data.sources.hf_features import with_class_names
from plait.foundation.data.sources.row_groups import ChunkCache, DamagedRow, Shard


@dataclass(frozen=True)
class ColumnarTable:
    """Rows of one file or of several shards, in their order.

    Columns that are neither input nor answer are not read; a row has them as null.
    """

    file: Path
    folder: Path
    sha256: str
    shards: tuple[Shard, ...]
    bad_rows: tuple[BadRow, ...] = ()
    chunk_cache: ChunkCache = field(default_factory=ChunkCache, compare=False)

    @cached_property
    def chunks(self) -> list[tuple[Shard, int]]:
        return [(shard, at) for shard in self.shards for at in range(len(shard.row_counts))]

    @cached_property
    def chunk_ends(self) -> "array[int]":
        """For each chunk the index after its last row."""
        return array("Q", accumulate(shard.row_counts[at] for shard, at in self.chunks))

    def __len__(self) -> int:
        return self.chunk_ends[-1] if self.chunk_ends else 0

    def row(self, index: int, declaration: Declaration) -> DatasetRow:
        """The row at an index. Raises DamagedRow, and InputError if its chunk is too large to read."""
        portion = bisect_right(self.chunk_ends, index)
        shard, at = self.chunks[portion]
        offset = index - (self.chunk_ends[portion - 1] if portion else 0)
        where = f"{shard.file}: row {sum(shard.row_counts[:at]) + offset + 1}"
        content = json.dumps(dict(self.row_values(shard, at, offset, declaration, where)), ensure_ascii=False)
        return DatasetRow(declaration, index + 1, where, content.encode(), self.folder)

    def row_values(
        self, shard: Shard, chunk_index: int, row_in_chunk: int, declaration: Declaration, where: str
    ) -> Iterator[tuple[str, Json]]:
        value_types = {
            **{parameter.name: parameter.value_type for parameter in declaration.parameters},
            "answer": declaration.answer,
        }
        optional = {parameter.name for parameter in declaration.parameters if not parameter.required}
        columns = tuple(name for name in shard.column_names if name in value_types)
        try:
            (row,) = (
                self.chunk_cache.read_chunk(shard, chunk_index, columns).slice(row_in_chunk, 1).to_pylist()
                if columns
                else ({},)
            )
        except pyarrow_errors() as error:
            raise DamagedRow(where, f"cannot be read: {first_line(error)}") from None
        for name in shard.column_names:
            cell = with_class_names(shard.features.get(name), row.get(name))
            if cell is not None or name not in optional:
                yield name, cell_to_json(value_types[name], cell) if name in value_types else None
