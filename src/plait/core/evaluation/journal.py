"""The journal of long work: one JSON line per finished row, from which the next run resumes.

A killed process loses nothing. A line lost in a power cut is one row to answer again, which is not worth a millisecond
of disk sync for each of ten million rows.
"""

import hashlib
import json
from array import array
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from plait.core.config import settings
from plait.core.errors import SettingsError
from plait.core.values.durable_files import append, make_private_folder
from plait.core.values.json_text import dumps
from plait.core.values.json_value import Json


@dataclass(frozen=True)
class Journal:
    """A file of JSON lines, indexed by the `row` of each line.

    `offsets` holds where the line of each row begins, counted from 1: ten million rows take 80 MB instead of their
    text.
    """

    file: Path
    offsets: "array[int]" = field(default_factory=lambda: array("Q"))

    @staticmethod
    def for_file(name: str, file: Path, key: object) -> "Journal":
        """The journal of this work, identified by the content of the file and by `key` (task and options)."""
        with file.open("rb") as content:
            digest = hashlib.file_digest(content, "sha256")
        digest.update(dumps(key).encode())
        return Journal(settings().data / "runs" / f"{name}-{digest.hexdigest()[:16]}.jsonl")

    def prepare(self, *, fresh: bool) -> None:
        """Checks before any work that lines can be written, and reads the lines of an earlier run."""
        try:
            if fresh:
                self.file.unlink(missing_ok=True)
            make_private_folder(self.file.parent)
            append(self.file, b"")
        except OSError as error:
            raise self.write_error(error) from None
        self.read_offsets()

    def read_offsets(self) -> None:
        """Reads the offset of each row's line. A last line cut by a kill is terminated and ignored."""
        offset, line = 0, b""
        with self.file.open("rb") as lines:
            for line in lines:
                row = row_number(line)
                if row:
                    self.offsets.extend([0] * (row + 1 - len(self.offsets)))
                    self.offsets[row] = offset + 1
                offset += len(line)
        if line and not line.endswith(b"\n"):
            append(self.file, b"\n")

    @property
    def count(self) -> int:
        """The number of rows that an earlier run kept."""
        return sum(1 for begin in self.offsets if begin)

    def read_line(self, row: int) -> str | None:
        """The line that an earlier run kept for a row; None if there is none."""
        if row >= len(self.offsets) or not self.offsets[row]:
            return None
        with self.file.open("rb") as lines:
            lines.seek(self.offsets[row] - 1)
            return lines.readline().decode().rstrip("\n")

    def write_line(self, line: str) -> None:
        try:
            append(self.file, line.encode() + b"\n", durable=False)
        except OSError as error:
            raise self.write_error(error) from None

    def delete(self) -> None:
        self.file.unlink(missing_ok=True)

    def write_error(self, error: OSError) -> SettingsError:
        return SettingsError(
            f"{self.file} cannot be written: {error.strerror}",
            hint="set PLAIT_DATA to a writable folder",
        )


def row_number(line: bytes) -> int:
    """The row number of a line; 0 for an invalid line."""
    try:
        record: Any = json.loads(line)
    except ValueError:
        return 0
    row: Json = record.get("row") if isinstance(record, dict) else None  # pyright: ignore[reportUnknownMemberType, reportUnknownVariableType]
    return row if isinstance(row, int) and not isinstance(row, bool) and row > 0 else 0
