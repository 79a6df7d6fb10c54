"""Annotated pictures as files of rows, for what reads rows alone: `plait evaluate detect --data export/valid`.

The files are in the data folder, named by the digest of the source and of the task's form, so that an interrupted
evaluation finds its journal again.
"""

from collections.abc import Callable
from pathlib import Path

from plait.core.config import settings
from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import create, make_private_folder
from plait.core.values.json_text import dumps, loads
from plait.core.values.json_value import Json
from plait.core.values.value_type import IMAGE
from plait.foundation.data.sources.annotations.formats import (
    AnnotationFormat,
    annotation_format,
    table_of_annotations,
)
from plait.foundation.data.sources.bad_rows import check_bad_share, left_out_lines
from plait.foundation.data.sources.data_folder import read_folder

DIGITS = 12  # of the digest of a source


def rows_files(declaration: Declaration, path: Path, tell: Callable[[str], None]) -> list[Path]:
    """A file of rows for each source in a folder, or for the source itself: those that are held out if any are.

    `tell` gets what is left out. Raises InputError for a path without annotated pictures, and for those that have no
    rows for the task.
    """
    if form := annotation_format(path):
        return [rows_file(declaration, form, path, tell)]
    found = read_folder(path) if path.is_dir() else None
    annotated = [each for each in (found.held_out or found.training if found else ()) if annotation_format(each)]
    if not annotated:
        raise InputError(
            f"{path} is no table and has no annotated pictures", hint="name a .csv or .jsonl file, or an export"
        )
    return [rows_file(declaration, form, each, tell) for each in annotated if (form := annotation_format(each))]


def rows_file(declaration: Declaration, form: AnnotationFormat, source: Path, tell: Callable[[str], None]) -> Path:
    """The file of one source. Raises InputError if it has no rows, or too many that are damaged."""
    table = table_of_annotations(form, source, None, declaration)
    total = len(table) + len(table.bad_rows)
    check_bad_share(str(source), table.bad_rows, total)
    for line in left_out_lines(str(source), table.bad_rows, total):
        tell(line)
    folder = settings().data / "rows"
    make_private_folder(folder)
    digest = f"{table.sha256[:DIGITS]}-{declaration.fingerprint}"
    file = folder / f"{digest}.{source.resolve().parent.name}-{source.stem}.jsonl"
    rows = (
        with_full_paths(declaration, content, table.folder) for _, content in table.rows if isinstance(content, bytes)
    )
    create(file, "".join(f"{dumps(row)}\n" for row in rows).encode())
    return file


def with_full_paths(declaration: Declaration, content: bytes, folder: Path) -> Json:
    """The row with its pictures as they are found from anywhere."""
    row = loads(content, str(folder))
    assert isinstance(row, dict), "rows of annotations are objects"
    pictures = {each.name for each in declaration.parameters if each.value_type.media == IMAGE}
    return {name: str((folder / str(value)).resolve()) if name in pictures else value for name, value in row.items()}
