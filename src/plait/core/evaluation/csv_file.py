"""CSV files as programs write them: separated by commas, semicolons or tabs, in UTF-8 with or without a mark."""

import codecs
import csv
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from plait.core.errors import InputError

DELIMITERS = ",;\t"
UTF_16_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
MAX_HEADER = 2**20  # characters of the first line that are looked at for the delimiter
MAX_QUOTED = 60  # characters of a refused line in a message


def read_csv_lines(file: Path, name: str = "") -> Iterator[tuple[str, dict[str | None, str | list[str]]]]:
    """The rows of a table by column, each with the line it begins at; cells beyond the header are under None.

    `name` stands for the file in messages. Raises InputError.
    """
    name = name or str(file)
    check_encoding(file, name)
    csv.field_size_limit(2**31 - 1)  # an invoice may be longer than the usual 131,072 characters
    with file.open(encoding="utf-8-sig", newline="") as lines:
        first = lines.readline(MAX_HEADER)
        # Excel's own way to name the delimiter is a line before the header.
        named = first[4] if first.rstrip("\r\n")[:4].lower() == "sep=" and len(first.rstrip("\r\n")) == 5 else ""
        if not named:
            lines.seek(0)
        reader = csv.DictReader(lines, strict=True, delimiter=named or find_delimiter(first))
        before = bool(named)
        line_number = 1 + before
        try:
            check_header(reader.fieldnames or (), name)
            line_number += bool(reader.fieldnames) * reader.line_num
            for columns in reader:
                yield f"{name}:{line_number}", columns
                line_number = before + reader.line_num + 1
        except csv.Error as error:
            raise InputError(
                f"{name}:{line_number} cannot be read: {error}",
                hint="save it as CSV, with quotes inside a cell doubled",
            ) from None


def find_delimiter(header: str) -> str:
    """The delimiter that occurs most often in the header, outside of quotes; a comma where none does."""
    counts = Counter(character for part in header.split('"')[::2] for character in part if character in DELIMITERS)
    return max(DELIMITERS, key=lambda delimiter: counts[delimiter])


def check_header(columns: Sequence[str], name: str) -> None:
    repeated = [column for column, count in Counter(columns).items() if column and count > 1]
    if repeated:
        raise InputError(f"{name} has {Counter(columns)[repeated[0]]} columns called {repeated[0]}", hint="rename one")


def check_encoding(file: Path, name: str) -> None:
    """Raises InputError for a file that is not UTF-8: guessed encodings would give wrong letters in silence."""
    converted = f"{Path(name).stem}-utf8{Path(name).suffix}"
    with file.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            if number == 1 and line.startswith(UTF_16_MARKS):
                raise InputError(
                    f"{name} cannot be read: it is UTF-16",
                    hint=f"save it as UTF-8: iconv -f UTF-16 -t UTF-8 {name} > {converted}",
                )
            try:
                line.decode()
            except UnicodeDecodeError as error:
                text = line[max(0, error.start - MAX_QUOTED // 2) :][:MAX_QUOTED].decode("cp1252", "replace").strip()
                raise InputError(
                    f"{name}:{number} cannot be read: it is not UTF-8    {text}",
                    hint='in Excel save it as "CSV UTF-8", or if it is from Windows: '
                    f"iconv -f WINDOWS-1252 -t UTF-8 {name} > {converted}",
                ) from None
