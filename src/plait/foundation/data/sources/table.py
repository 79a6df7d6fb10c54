"""The rows of a file, reached by their place: what is kept of them is text, never a picture."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from plait.core.errors import InputError
from plait.core.evaluation.rows import DatasetRow
from plait.core.task.declaration import Declaration
from plait.foundation.data.sources.bad_rows import BadRow


class Table(Protocol):
    """`bad_rows` is what was no row at all already when the file was read."""

    @property
    def file(self) -> Path: ...

    @property
    def folder(self) -> Path:
        """Where the paths of pictures are meant from."""
        ...

    @property
    def sha256(self) -> str: ...

    @property
    def bad_rows(self) -> tuple[BadRow, ...]: ...

    def __len__(self) -> int: ...

    def row(self, index: int, declaration: Declaration) -> DatasetRow: ...


@dataclass(frozen=True)
class InMemoryTable:
    """Rows held in memory, each with where it stands."""

    file: Path
    folder: Path
    sha256: str
    rows: tuple[tuple[str, bytes | Mapping[str, str]], ...]
    bad_rows: tuple[BadRow, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def row(self, index: int, declaration: Declaration) -> DatasetRow:
        where, content = self.rows[index]
        return DatasetRow(declaration, index + 1, where, content, self.folder)


def file_sha256(file: Path) -> str:
    """SHA-256 of a file. Raises InputError where it cannot be read."""
    try:
        with file.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise unreadable_file_error(file, error) from None


def files_sha256(files: Sequence[Path]) -> str:
    """SHA-256 of files that are one source: of one its own, of several of their names and sums, whatever their folder.

    Raises InputError where one cannot be read.
    """
    if len(files) == 1:
        return file_sha256(files[0])
    return hashlib.sha256("".join(f"{file.name} {file_sha256(file)}\n" for file in files).encode()).hexdigest()


def unreadable_file_error(file: Path, error: OSError) -> InputError:
    return InputError(f"{file} cannot be read: {error.strerror}", hint="name a file that is there")
