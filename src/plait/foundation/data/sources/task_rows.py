"""Rows of a task as a source: checked by image header first, read in full when sampled."""

from array import array
from dataclasses import dataclass

from plait.core.errors import InputError
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.foundation.data.sources.bad_rows import BadRow, bad_row_from_error
from plait.foundation.data.sources.table import Table


@dataclass(frozen=True)
class LabelledRow:
    """A row: inputs of the task and the right answer as Python values, and its location in the file."""

    declaration: Declaration
    example: Example
    where: str


@dataclass(frozen=True)
class RowSource:
    """Checked rows of a task.

    `good_rows` are indices into the table; `bad_rows` are the skipped rows. `digest` covers the table and the path and
    length of each image, so an image replaced by another of the same length is not detected.
    """

    declaration: Declaration
    table: Table
    good_rows: "array[int]"
    bad_rows: tuple[BadRow, ...]
    digest: str

    @property
    def name(self) -> str:
        return f"{self.table.file} ({self.declaration.name})"

    @property
    def length(self) -> int:
        return len(self.good_rows)

    def sample(self, index: int) -> LabelledRow:
        """The row at an index. Raises InputError with file, line and reason if its image cannot be decoded."""
        row = self.table.row(self.good_rows[index], self.declaration)
        try:
            return LabelledRow(self.declaration, row.example(), row.where)
        except InputError as error:
            raise InputError(str(bad_row_from_error(row.where, error)), hint="correct it, or remove the row") from None
