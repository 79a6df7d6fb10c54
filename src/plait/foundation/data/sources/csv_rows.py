"""CSV: a column per input, and the answer in a column `answer` or spread over `answer.x0`, `answer.y0`..."""

from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.csv_file import read_csv_lines
from plait.foundation.data.sources.bad_rows import BadRow, bad_row_from_error
from plait.foundation.data.sources.table import InMemoryTable, source_sha256


def csv_table(file: Path, folder: Path) -> InMemoryTable:
    """Rows of a CSV file. After a line from which no reader can continue, the rest is one bad row.

    Raises InputError if the file cannot be read.
    """
    sha256 = source_sha256(file)
    rows: list[tuple[str, dict[str, str]]] = []
    bad: list[BadRow] = []
    try:
        for where, columns in read_csv_lines(file):
            if None in columns:
                bad.append(BadRow(where, "has more cells than columns: put commas inside quotes"))
            else:
                # csv gives None for the missing cells of a short row.
                texts = {name: text for name, text in columns.items() if name is not None and isinstance(text, str)}
                rows.append((where, texts))
    except InputError as error:
        bad.append(bad_row_from_error(error.message.partition(" cannot be read")[0], error))
    return InMemoryTable(file, folder, sha256, tuple(rows), tuple(bad))
