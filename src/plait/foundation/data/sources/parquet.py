"""Parquet: a column per slot and one called answer, read by row group."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.core.errors import InputError
from plait.foundation.data.sources.arrow import arrow, faults, told
from plait.foundation.data.sources.columns import Columns
from plait.foundation.data.sources.hf_features import features_in
from plait.foundation.data.sources.row_groups import MOST_READ, only_once
from plait.foundation.data.sources.shards import shards_of
from plait.foundation.data.sources.table import digest_of_all


@dataclass(frozen=True)
class RowGroups:
    """`sizes` in bytes of each group, by column, as they are in memory."""

    file: Path
    names: tuple[str, ...]
    counts: tuple[int, ...]
    features: Mapping[str, object]
    sizes: tuple[Mapping[str, int], ...]

    def portion(self, at: int, columns: tuple[str, ...]) -> Any:
        size = sum(self.sizes[at].get(name, 0) for name in columns)
        if size > MOST_READ:
            raise InputError(
                f"{self.file}: row group {at + 1} takes {size / 2**30:.1f} GiB, and {MOST_READ // 2**30} is the most",
                way_out="write it in smaller ones: pyarrow.parquet.write_table(table, file, row_group_size=100)",
            )
        # One thread: the cores are the training's.
        with arrow("parquet").ParquetFile(self.file) as opened:
            return opened.read_row_group(at, columns=list(columns), use_threads=False)


def parquet_table(file: Path, images: Path | None) -> Columns:
    """The rows of a file, or of all shards that a name with `*` stands for. Raises InputError, MissingExtra."""
    files = shards_of(file)
    return Columns(file, images or file.parent, digest_of_all(files), tuple(map(row_groups, files)))


def row_groups(file: Path) -> RowGroups:
    """What the end of the file says of it. Raises InputError."""
    try:
        with arrow("parquet").ParquetFile(file) as opened:
            schema, groups = opened.schema_arrow, groups_in(opened.metadata)
        names, sizes = tuple(schema.names), tuple(map(sizes_in, groups))
    except faults() as fault:
        way_out = "was it cut short? The end of the file tells where all else is"
        raise InputError(f"{file} is no Parquet file: {told(fault)}", way_out=way_out) from None
    counts = tuple(group.num_rows for group in groups)
    return RowGroups(file, only_once(file, names), counts, features_in(schema.metadata), sizes)


def groups_in(metadata: Any) -> list[Any]:
    return [metadata.row_group(at) for at in range(metadata.num_row_groups)]


def sizes_in(group: Any) -> Mapping[str, int]:
    columns: Sequence[Any] = [group.column(at) for at in range(group.num_columns)]
    found: dict[str, int] = {}
    for each in columns:
        name = each.path_in_schema.partition(".")[0]
        found[name] = found.get(name, 0) + each.total_uncompressed_size
    return found
