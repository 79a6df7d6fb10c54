"""JSON lines: only the offsets of lines are kept in memory; a line is read on demand."""

from array import array
from dataclasses import dataclass
from pathlib import Path

from plait.core.evaluation.rows import DatasetRow
from plait.core.task.declaration import Declaration
from plait.foundation.data.sources.bad_rows import BadRow
from plait.foundation.data.sources.table import source_sha256, unreadable_file_error


@dataclass(frozen=True)
class JsonLinesTable:
    """Lines of a file. `starts` and `ends` are byte offsets, `numbers` line numbers from 1; blank lines are skipped."""

    file: Path
    folder: Path
    sha256: str
    starts: "array[int]"
    ends: "array[int]"
    line_numbers: "array[int]"
    bad_rows: tuple[BadRow, ...] = ()

    def __len__(self) -> int:
        return len(self.starts)

    def row(self, index: int, declaration: Declaration) -> DatasetRow:
        """The row at an index. Raises InputError if the file no longer exists."""
        try:
            with self.file.open("rb") as stream:
                stream.seek(self.starts[index])
                line = stream.read(self.ends[index] - self.starts[index])
        except OSError as error:
            raise unreadable_file_error(self.file, error) from None
        return DatasetRow(declaration, index + 1, f"{self.file}:{self.line_numbers[index]}", line, self.folder)


def json_lines_table(file: Path, folder: Path) -> JsonLinesTable:
    """Lines of a file. Raises InputError if it cannot be read."""
    sha256 = source_sha256(file)
    starts, ends, numbers = array("Q"), array("Q"), array("Q")
    with file.open("rb") as stream:
        at = 0
        for number, line in enumerate(stream, 1):
            if line.strip():
                starts.append(at)
                ends.append(at + len(line))
                numbers.append(number)
            at += len(line)
    return JsonLinesTable(file, folder, sha256, starts, ends, numbers)
