"""Rows of files that hold columns, reached by their place: of a row there is kept in which portion it stands."""

import json
from array import array
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from itertools import accumulate
from pathlib import Path

from plait.core.evaluation.rows import Row
from plait.core.task.declaration import Declaration
from plait.core.values.value_type import Json
from plait.foundation.data.sources.arrow import faults, told
from plait.foundation.data.sources.bad_rows import BadRow
from plait.foundation.data.sources.cells import wire
from plait.foundation.data.sources.hf_features import with_names
from plait.foundation.data.sources.row_groups import Damaged, Recent, Shard


@dataclass(frozen=True)
class Columns:
    """The rows of one file or of several shards, in their order. Columns that are neither slot nor answer are not read;
    a row has them by their names, as null.
    """

    file: Path
    folder: Path
    sha256: str
    shards: tuple[Shard, ...]
    bad: tuple[BadRow, ...] = ()
    recent: Recent = field(default_factory=Recent, compare=False)

    @cached_property
    def portions(self) -> list[tuple[Shard, int]]:
        return [(shard, at) for shard in self.shards for at in range(len(shard.counts))]

    @cached_property
    def ends(self) -> "array[int]":
        """For each portion the place behind its last row."""
        return array("Q", accumulate(shard.counts[at] for shard, at in self.portions))

    def __len__(self) -> int:
        return self.ends[-1] if self.ends else 0

    def row(self, place: int, declaration: Declaration) -> Row:
        """Raises Damaged, and InputError for a portion that is too large to read."""
        portion = bisect_right(self.ends, place)
        shard, at = self.portions[portion]
        within = place - (self.ends[portion - 1] if portion else 0)
        where = f"{shard.file}: row {sum(shard.counts[:at]) + within + 1}"
        given = json.dumps(dict(self.cells(shard, at, within, declaration, where)), ensure_ascii=False)
        return Row(declaration, place + 1, where, given.encode(), self.folder)

    def cells(
        self, shard: Shard, at: int, within: int, declaration: Declaration, where: str
    ) -> Iterator[tuple[str, Json]]:
        kinds = {**{slot.name: slot.kind for slot in declaration.slots}, "answer": declaration.answer}
        optional = {slot.name for slot in declaration.slots if not slot.required}
        columns = tuple(name for name in shard.names if name in kinds)
        try:
            (row,) = self.recent.portion(shard, at, columns).slice(within, 1).to_pylist() if columns else ({},)
        except faults() as fault:
            raise Damaged(where, f"cannot be read: {told(fault)}") from None
        for name in shard.names:
            cell = with_names(shard.features.get(name), row.get(name))
            if cell is not None or name not in optional:
                yield name, wire(kinds[name], cell) if name in kinds else None
