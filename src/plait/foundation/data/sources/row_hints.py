"""What a refused row was most likely meant to be: a column under another name, a file that was cut short."""

import codecs

from plait.core.errors import InputError
from plait.core.evaluation.rows import Row, of_the_answer
from plait.core.suggestions import nearest
from plait.core.values.json_text import loads
from plait.core.values.quoting import shown
from plait.foundation.data.sources.bad_rows import BadRow, bad_row


def explained(row: Row, error: InputError, *, last: bool) -> BadRow:
    """The bad row with the guess in its reason. `last` tells that the file ends with it."""
    found = bad_row(row.where, error)
    columns = columns_of(row)
    if columns is None:
        cut = last and isinstance(row.given, bytes) and not row.given.endswith(b"\n")
        return BadRow(row.where, f"{found.reason}; the file ends within this line: was it cut short?") if cut else found
    slots = {slot.name for slot in row.declaration.slots}
    missing = [each.path for each in error.problems if each.message == "is missing" and each.path in slots]
    if not any(map(of_the_answer, columns)):
        missing.append("answer")
    if not missing:
        return found
    others = [name for name in columns if name not in slots and not of_the_answer(name)]
    guess = next(filter(None, (nearest(name, others) for name in missing)), None)
    told = f"is it the column {shown(guess)}?" if guess else f"there are the columns {', '.join(columns)}"
    return BadRow(row.where, f"{found.reason}; {told}")


def columns_of(row: Row) -> list[str] | None:
    """What the row calls its values; None for a line that is no object."""
    if not isinstance(row.given, bytes):
        return list(row.given)
    try:
        wire = loads(row.given.removeprefix(codecs.BOM_UTF8), row.where)
    except InputError:
        return None
    return list(wire) if isinstance(wire, dict) else None
