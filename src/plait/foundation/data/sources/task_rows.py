"""A task's rows as a source: each was checked by its picture's header, and is read in full when it is drawn."""

from array import array
from dataclasses import dataclass

from plait.core.errors import InputError
from plait.core.prompting.examples import Example
from plait.core.task.declaration import Declaration
from plait.foundation.data.sources.bad_rows import BadRow, bad_row_from_error
from plait.foundation.data.sources.table import Table


@dataclass(frozen=True)
class LabelledRow:
    """What a row teaches: the inputs of a task and the right answer, as Python values; where it stands."""

    declaration: Declaration
    example: Example
    where: str


@dataclass(frozen=True)
class RowSource:
    """`good_rows` are indices into the table; `bad_rows` are the rows that were left out. `digest` is of the table and
    of each picture's path and length: pictures exchanged for others of the same length are not found out.
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
        """Raises InputError naming file, line and reason, where a picture cannot be read to its end."""
        row = self.table.row(self.good_rows[index], self.declaration)
        try:
            return LabelledRow(self.declaration, row.example(), row.where)
        except InputError as error:
            raise InputError(str(bad_row_from_error(row.where, error)), hint="mend it, or take the row out") from None
