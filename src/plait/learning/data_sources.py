"""Rows to learn from sources that `plait train --data` reads as well: COCO, Parquet, WebDataset, folders of these.

Tables of a task's own columns, .csv and .jsonl, are read by plait.learning.training_rows.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.rows import SUFFIXES, DatasetRow, read_rows
from plait.core.prompting.example_rows import Example, example_from_json
from plait.core.task.declaration import Declaration
from plait.core.values.inputs import to_input_error
from plait.core.values.json_text import dumps
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.picture_files import embed_files
from plait.core.values.value_type import IMAGE
from plait.foundation.data.sources.annotations.formats import annotation_format
from plait.foundation.data.sources.bad_rows import check_bad_share, left_out_lines
from plait.foundation.data.sources.data_folder import read_folder
from plait.foundation.data.sources.folders import is_held_out, subfolders
from plait.foundation.data.sources.open_table import SUPPORTED_FORMATS, open_table
from plait.foundation.data.sources.row_groups import DamagedRow

PICTURE_SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp")
MAX_PICTURE_BYTES = 1_000_000_000  # of all pictures of a run, which are in memory while rows are written


def is_data_source(path: Path) -> bool:
    """Whether a path is no plain table, but a source that is opened here."""
    return path.is_dir() or path.suffix.lower() not in SUFFIXES


def source_rows(declaration: Declaration, path: Path, tell: Callable[[str], None]) -> Iterator[DatasetRow]:
    """The rows of a source, or of all in a folder that are not held out. `tell` gets what is left out.

    Raises InputError for a path without data, for a format that is not read, and if too many rows are damaged.
    """
    if not path.exists() and "*" not in path.name:
        raise InputError(f"{path} does not exist", hint="name a file or a folder")
    sources = read_folder(path).training if path.is_dir() else (path,)
    if not sources and path.is_dir() and (captions := list(caption_rows(declaration, path))):
        yield from captions
        return
    if not sources:
        raise InputError(
            f"{path} has no data", hint=f"{SUPPORTED_FORMATS}; or pictures, each with its caption: 7.png and 7.txt"
        )
    for source in sources:
        yield from table_rows(declaration, source, tell)


def table_rows(declaration: Declaration, source: Path, tell: Callable[[str], None]) -> Iterator[DatasetRow]:
    table = open_table(source, declaration)
    bad = list(table.bad_rows)
    for index in range(len(table)):
        try:
            yield table.row(index, declaration)
        except DamagedRow as error:
            bad.append(error.row)
    check_bad_share(str(source), bad, len(table) + len(table.bad_rows))
    for line in left_out_lines(str(source), bad, len(table) + len(table.bad_rows)):
        tell(line)


def caption_rows(declaration: Declaration, folder: Path) -> Iterator[DatasetRow]:
    """Pictures beside texts of the same name, as rows of a task from a text to a picture or the other way round.

    Raises InputError for a caption that is not UTF-8.
    """
    columns = caption_columns(declaration)
    pictures = sorted(each for each in folder.iterdir() if each.suffix.lower() in PICTURE_SUFFIXES) if columns else []
    for number, picture in enumerate(pictures, 1):
        caption = picture.with_suffix(".txt")
        if columns and caption.is_file():
            row = {columns[0]: read_caption(caption), columns[1]: picture.name}
            yield DatasetRow(declaration, number, f"{picture}:1", dumps(row).encode(), folder)


def caption_columns(declaration: Declaration) -> tuple[str, str] | None:
    """The columns of caption and picture, if the task is from one to the other."""
    if len(declaration.parameters) != 1:
        return None
    (parameter,) = declaration.parameters
    if parameter.value_type.is_text and declaration.answer.media == IMAGE:
        return parameter.name, "answer"
    return ("answer", parameter.name) if parameter.value_type.media == IMAGE and declaration.answer.is_text else None


def read_caption(file: Path) -> str:
    try:
        return file.read_text("utf-8").strip()
    except UnicodeDecodeError:
        raise InputError(f"{file} is not UTF-8", hint="save the caption as plain text in UTF-8") from None


def labelled_example(declaration: Declaration, row: DatasetRow) -> Example:
    """The example of a row of the user's own disk, whose answer may be the path of a picture. Raises InputError."""
    if not declaration.answer.media:
        return row.example()
    json_value = with_answer_picture(declaration, row.json_value, row.folder)
    return example_from_json(declaration, json_value, row.where, needs_quotes=False)


def held_out_files(declaration: Declaration, paths: Sequence[Path]) -> list[Path]:
    """The held-out rows in folders of data: tables called so, `held-out/TASK*.jsonl` of this task, and annotated
    pictures that are held out by their names, such as those in valid and test.
    """
    folders = [path for path in paths if path.is_dir()]
    found = [each for folder in folders for each in folder.iterdir() if is_held_out(each) and is_rows(each)]
    inner = [each for folder in folders for each in subfolders(folder) if is_held_out(each)]
    own = [each for folder in inner for each in folder.glob(f"{declaration.name}*") if is_rows(each)]
    annotated = [each for folder in folders for each in read_folder(folder).held_out if annotation_format(each)]
    return sorted((*found, *own, *annotated))


def held_out_rows(declaration: Declaration, path: Path) -> Iterator[DatasetRow]:
    """The rows of a held-out table or source. Raises InputError with the row at fault."""
    if is_rows(path):
        yield from read_rows(declaration, path)
    else:
        yield from table_rows(declaration, path, lambda line: None)


def is_rows(path: Path) -> bool:
    return path.is_file() and path.suffix.lower() in SUFFIXES


def with_answer_picture(declaration: Declaration, json_value: Json, folder: Path) -> Json:
    """A row of the user's own disk with the picture in place of a path in its answer. Raises InputError."""
    if not isinstance(json_value, dict) or "answer" not in json_value or not declaration.answer.media:
        return json_value
    try:
        return {**json_value, "answer": embed_files(declaration.answer, json_value["answer"], folder)}
    except InvalidValue as error:
        raise to_input_error("the picture of an answer cannot be read", "answer", error) from None


def check_picture_bytes(total: int) -> None:
    """Raises InputError if so many bytes of pictures are too many."""
    if total > MAX_PICTURE_BYTES:
        raise InputError(
            f"the pictures have more than {MAX_PICTURE_BYTES / 1e9:g} GB together",
            hint="make them smaller, the model reads squares of some hundred pixels: mogrify -resize 512x512 *.jpg",
        )
