"""Hints for refused rows: a column under another name, a truncated file."""

import codecs

from plait.core.errors import InputError
from plait.core.evaluation.rows import DatasetRow, is_answer_column
from plait.core.suggestions import nearest_name
from plait.core.values.json_text import loads
from plait.core.values.quoting import quote
from plait.foundation.data.sources.bad_rows import BadRow, bad_row_from_error


def explain_bad_row(row: DatasetRow, error: InputError, *, last: bool) -> BadRow:
    """The bad row, with a hint added to its reason. `last` means that it is the last row of the file."""
    bad_row = bad_row_from_error(row.where, error)
    columns = row_column_names(row)
    if columns is None:
        is_cut = last and isinstance(row.content, bytes) and not row.content.endswith(b"\n")
        return (
            BadRow(row.where, f"{bad_row.reason}; the file ends within this line and may be truncated")
            if is_cut
            else bad_row
        )
    names = {parameter.name for parameter in row.declaration.parameters}
    missing = [each.path for each in error.problems if each.message == "is missing" and each.path in names]
    if not any(map(is_answer_column, columns)):
        missing.append("answer")
    if not missing:
        return bad_row
    extra = [name for name in columns if name not in names and not is_answer_column(name)]
    guess = next(filter(None, (nearest_name(name, extra) for name in missing)), None)
    hint = f"is it the column {quote(guess)}?" if guess else f"there are the columns {', '.join(columns)}"
    return BadRow(row.where, f"{bad_row.reason}; {hint}")


def row_column_names(row: DatasetRow) -> list[str] | None:
    """Column names in the row; None for a line that is not an object."""
    if not isinstance(row.content, bytes):
        return list(row.content)
    try:
        json_value = loads(row.content.removeprefix(codecs.BOM_UTF8), row.where)
    except InputError:
        return None
    return list(json_value) if isinstance(json_value, dict) else None
