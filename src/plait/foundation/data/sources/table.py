"""Rows of a file by index. Only text is kept in memory, never an image."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from plait.core.errors import InputError
from plait.core.evaluation.rows import DatasetRow
from plait.core.task.declaration import Declaration
from plait.core.values.file_digest import file_sha256
from plait.foundation.data.sources.bad_rows import BadRow


class Table(Protocol):
    """Rows of a data file. `bad_rows` are those that already failed when the file was opened."""

    @property
    def file(self) -> Path: ...

    @property
    def folder(self) -> Path:
        """Folder that image paths are relative to."""
        ...

    @property
    def sha256(self) -> str: ...

    @property
    def bad_rows(self) -> tuple[BadRow, ...]: ...

    def __len__(self) -> int: ...

    def row(self, index: int, declaration: Declaration) -> DatasetRow: ...


@dataclass(frozen=True)
class InMemoryTable:
    """Rows held in memory, each with its location in the file."""

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


def source_sha256(file: Path) -> str:
    """SHA-256 of a file. Raises InputError if it cannot be read."""
    try:
        return file_sha256(file)
    except OSError as error:
        raise unreadable_file_error(file, error) from None


def files_sha256(files: Sequence[Path]) -> str:
    """SHA-256 of the files of one source.

    A single file has its own; several have that of their names and digests, without the folder. Raises InputError if a
    file cannot be read.
    """
    if len(files) == 1:
        return source_sha256(files[0])
    return hashlib.sha256("".join(f"{file.name} {source_sha256(file)}\n" for file in files).encode()).hexdigest()


def unreadable_file_error(file: Path, error: OSError) -> InputError:
    return InputError(f"{file} cannot be read: {error.strerror}", hint="check the path")
