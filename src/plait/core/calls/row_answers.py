"""Answers the rows of a file: the core of `plait run --rows` and of a file that is uploaded on a page."""

import codecs
from dataclasses import dataclass, replace
from typing import Protocol

from plait.core.calls.batch import ROW_ERRORS, row_result
from plait.core.calls.dispatch import last_event
from plait.core.calls.transport import Call, Transport
from plait.core.engine.validation import Completed
from plait.core.errors import MissingDependency, ModelNotFound, PlaitError, SettingsError, to_plait_error

# Of a file that is sent to a server; `plait run --rows` takes any.
MAX_FILE_BYTES = 8 * 2**20
MAX_ROWS = 2_000
MAX_BLANK = 2**16  # bytes at the beginning of a file that may be blank
# Not caused by a row: every other row would fail in the same way.
COMMON_ERRORS = (ModelNotFound, MissingDependency, SettingsError)


class InputRow(Protocol):
    """A row of a file, parsed on access."""

    @property
    def number(self) -> int: ...
    @property
    def where(self) -> str: ...
    def inputs(self) -> dict[str, object]:
        """The inputs of the row. Raises InputError."""
        ...


@dataclass(frozen=True)
class RowAnswer:
    """The answer of a row, or its error."""

    number: int
    where: str
    completed: Completed | None = None
    error: PlaitError | None = None


async def answer_row(transport: Transport, call: Call, row: InputRow) -> RowAnswer:
    """Answers a row, with everything but the inputs from `call`. Raises the COMMON_ERRORS."""
    try:
        answer = transport.answer(replace(call, inputs=row.inputs()))
        return RowAnswer(row.number, row.where, await row_result(last_event(answer)))
    except COMMON_ERRORS:
        raise
    except ROW_ERRORS as error:
        return RowAnswer(row.number, row.where, error=to_plait_error(error))


def rows_suffix(head: bytes) -> str:
    """The suffix of a file of rows without a name, by its beginning: JSON lines begin with a brace."""
    is_json = head[:MAX_BLANK].removeprefix(codecs.BOM_UTF8).lstrip()[:1] in (b"{", b"[")
    return ".jsonl" if is_json else ".csv"
