"""JSON lines: where each line begins is kept, the line itself is read when it is asked for."""

from array import array
from dataclasses import dataclass
from pathlib import Path

from plait.core.evaluation.rows import Row
from plait.core.task.declaration import Declaration
from plait.foundation.data.sources.bad_rows import BadRow
from plait.foundation.data.sources.table import digest_of, unreadable


@dataclass(frozen=True)
class Lines:
    """`starts` and `ends` are bytes into the file, `numbers` the lines' own, counted from 1; blank lines are none."""

    file: Path
    folder: Path
    sha256: str
    starts: "array[int]"
    ends: "array[int]"
    numbers: "array[int]"
    bad: tuple[BadRow, ...] = ()

    def __len__(self) -> int:
        return len(self.starts)

    def row(self, place: int, declaration: Declaration) -> Row:
        """Raises InputError where the file is gone since."""
        try:
            with self.file.open("rb") as stream:
                stream.seek(self.starts[place])
                line = stream.read(self.ends[place] - self.starts[place])
        except OSError as fault:
            raise unreadable(self.file, fault) from None
        return Row(declaration, place + 1, f"{self.file}:{self.numbers[place]}", line, self.folder)


def lines_of(file: Path, folder: Path) -> Lines:
    """The lines of a file. Raises InputError where it cannot be read."""
    sha256 = digest_of(file)
    starts, ends, numbers = array("Q"), array("Q"), array("Q")
    with file.open("rb") as stream:
        at = 0
        for number, line in enumerate(stream, 1):
            if line.strip():
                starts.append(at)
                ends.append(at + len(line))
                numbers.append(number)
            at += len(line)
    return Lines(file, folder, sha256, starts, ends, numbers)
