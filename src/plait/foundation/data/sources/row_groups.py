"""Files whose rows are read in portions: row groups of Parquet, record batches of Arrow."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

from plait.core.errors import InputError
from plait.foundation.data.sources.bad_rows import BadRow

MOST_HELD = 256 * 2**20  # bytes of portions that were read last; rows of a small file are then all at hand
MOST_READ = 2**30  # bytes of a portion: it is in memory whole while a row of it is looked for


class Damaged(InputError):
    """A row that cannot be read, since its file is damaged there; other rows may be well."""

    def __init__(self, where: str, reason: str) -> None:
        super().__init__(f"{where} {reason}", way_out="mend the file, or take it out")
        self.row = BadRow(where, reason)


class Shard(Protocol):
    """`counts` are the rows of each portion, `features` what Hugging Face's `datasets` wrote of the columns."""

    @property
    def file(self) -> Path: ...

    @property
    def names(self) -> tuple[str, ...]: ...

    @property
    def counts(self) -> tuple[int, ...]: ...

    @property
    def features(self) -> Mapping[str, object]: ...

    def portion(self, at: int, columns: tuple[str, ...]) -> Any:
        """A pyarrow Table or RecordBatch of the columns. Raises what pyarrow does, and InputError."""
        ...


@dataclass
class Recent:
    """The portions that were read last: the newest, and of those before as many as MOST_HELD has room for."""

    held: "dict[tuple[Path, int, tuple[str, ...]], Any]" = field(default_factory=dict)

    def portion(self, shard: Shard, at: int, columns: tuple[str, ...]) -> Any:
        """Raises what pyarrow does, and InputError."""
        key = (shard.file, at, columns)
        found = self.held.pop(key, None)
        if found is None:
            self.make_room()
            found = shard.portion(at, columns)
        self.held[key] = found
        return found

    def make_room(self) -> None:
        while self.held and sum(each.nbytes for each in self.held.values()) > MOST_HELD:
            del self.held[next(iter(self.held))]


def only_once(file: Path, names: tuple[str, ...]) -> tuple[str, ...]:
    """The names of a file's columns. Raises InputError for one that is there twice."""
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"{file} has two columns called {twice}", way_out="give one of them another name")
    return names
