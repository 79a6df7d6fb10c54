"""Parquet: a column per input and one called answer, read by row group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.core.errors import InputError
from plait.foundation.data.sources.arrow import first_line, import_pyarrow, pyarrow_errors
from plait.foundation.data.sources.columns import ColumnarTable
from plait.foundation.data.sources.hf_features import features_from_metadata
from plait.foundation.data.sources.row_groups import MAX_CHUNK_BYTES, unique_column_names
from plait.foundation.data.sources.shards import shard_files
from plait.foundation.data.sources.table import files_sha256


@dataclass(frozen=True)
class ParquetShard:
    """One Parquet file. `sizes` are bytes in memory of each row group, by column."""

    file: Path
    column_names: tuple[str, ...]
    row_counts: tuple[int, ...]
    features: Mapping[str, object]
    chunk_sizes: tuple[Mapping[str, int], ...]

    def read_chunk(self, chunk_index: int, columns: tuple[str, ...]) -> Any:
        size = sum(self.chunk_sizes[chunk_index].get(name, 0) for name in columns)
        if size > MAX_CHUNK_BYTES:
            raise InputError(
                f"{self.file}: row group {chunk_index + 1} takes {size / 2**30:.1f} GiB, "
                f"and {MAX_CHUNK_BYTES // 2**30} is the most",
                hint="write smaller row groups: pyarrow.parquet.write_table(table, file, row_group_size=100)",
            )
        # One thread: the other cores are for training.
        with import_pyarrow("parquet").ParquetFile(self.file) as content:
            return content.read_row_group(chunk_index, columns=list(columns), use_threads=False)


def parquet_table(file: Path, images: Path | None) -> ColumnarTable:
    """Rows of a file, or of all shards that match a name with `*`. Raises InputError, MissingDependency."""
    files = shard_files(file)
    return ColumnarTable(file, images or file.parent, files_sha256(files), tuple(map(parquet_shard, files)))


def parquet_shard(file: Path) -> ParquetShard:
    """Reads the footer of a file. Raises InputError."""
    try:
        with import_pyarrow("parquet").ParquetFile(file) as content:
            schema, groups = content.schema_arrow, row_group_metadata(content.metadata)
        names, sizes = tuple(schema.names), tuple(map(column_sizes, groups))
    except pyarrow_errors() as error:
        hint = "the file may be truncated: its index is at the end"
        raise InputError(f"{file} is not a Parquet file: {first_line(error)}", hint=hint) from None
    counts = tuple(group.num_rows for group in groups)
    return ParquetShard(file, unique_column_names(file, names), counts, features_from_metadata(schema.metadata), sizes)


def row_group_metadata(metadata: Any) -> list[Any]:
    return [metadata.row_group(at) for at in range(metadata.num_row_groups)]


def column_sizes(group: Any) -> Mapping[str, int]:
    columns: Sequence[Any] = [group.column(at) for at in range(group.num_columns)]
    sizes: dict[str, int] = {}
    for each in columns:
        name = each.path_in_schema.partition(".")[0]
        sizes[name] = sizes.get(name, 0) + each.total_uncompressed_size
    return sizes
