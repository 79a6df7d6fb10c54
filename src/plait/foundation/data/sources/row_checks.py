"""Every row of a file looked at once before training, its pictures by their headers alone."""

import hashlib
from array import array
from pathlib import Path

from plait.core.errors import InputError, Problem
from plait.core.evaluation.rows import FORMATS
from plait.core.grammar.ast import TEXT
from plait.core.prompting.examples import Example
from plait.core.task.declaration import Declaration
from plait.core.values.value_type import held
from plait.foundation.cards.token_automaton.characters import countable
from plait.foundation.data.picture_header.value import Header, by_header
from plait.foundation.data.sources.bad_rows import refuse_too_many
from plait.foundation.data.sources.coco import coco_rows
from plait.foundation.data.sources.csv_rows import table_of
from plait.foundation.data.sources.folders import is_saved, the_source_in
from plait.foundation.data.sources.hf_datasets import saved_table
from plait.foundation.data.sources.jsonl import lines_of
from plait.foundation.data.sources.parquet import parquet_table
from plait.foundation.data.sources.row_groups import Damaged
from plait.foundation.data.sources.row_hints import explained
from plait.foundation.data.sources.table import Table
from plait.foundation.data.sources.task_rows import Rows
from plait.foundation.data.sources.webdataset import webdataset

TAKEN = "JSON lines (.jsonl), a table (.csv), COCO (.json), Parquet, WebDataset (.tar), or a folder that datasets saved"


def opened(file: Path, declaration: Declaration, images: Path | None = None) -> Rows:
    """The rows of a file, of shards or of a folder for a task, its pictures meant from `images` or its own folder.

    Raises InputError for a file that is none, or that has too few rows to learn from; MissingExtra.
    """
    rows = checked(table_in(file, declaration, images), declaration)
    refuse_too_many(str(file), rows.bad, rows.length + len(rows.bad))
    return rows


def table_in(file: Path, declaration: Declaration, images: Path | None = None) -> Table:
    """Raises InputError for what is none, MissingExtra for what another package reads."""
    if file.is_dir():
        return saved_table(file, images) if is_saved(file) else table_in(the_source_in(file), declaration, images)
    match file.suffix:
        case ".csv":
            return table_of(file, images or file.parent)
        case ".json":
            return coco_rows(file, images or file.parent, declaration)
        case ".parquet":
            return parquet_table(file, images)
        case ".tar":
            return webdataset(file, images)
        case suffix if suffix in FORMATS:
            return lines_of(file, images or file.parent)
        case _:
            raise InputError(f"{file} is no format that is trained on", way_out=TAKEN)


def checked(table: Table, declaration: Declaration) -> Rows:
    seen = hashlib.sha256(f"{declaration.name} {table.sha256}\n".encode())
    glancing = by_header(declaration, table.folder)
    good, bad = array("Q"), list(table.bad)
    for place in range(len(table)):
        try:
            row = table.row(place, glancing)
        except Damaged as error:
            bad.append(error.row)
            continue
        try:
            example = row.example()
            refuse_texts(declaration, example, row.where)
        except InputError as error:
            bad.append(explained(row, error, last=place == len(table) - 1))
            continue
        good.append(place)
        for value in example.inputs.values():
            if isinstance(value, Header):
                seen.update(f"{value.path} {value.length}\n".encode())
    return Rows(declaration, table, good, tuple(bad), seen.hexdigest())


def fault_in(text: str) -> str:
    """Why a text cannot be learned; nothing where it can."""
    if not text.strip():
        return "is empty"
    if len(text) > TEXT:
        return f"has {len(text):,} characters; {TEXT:,} are the most"
    return "" if countable(text) else "has control characters or halves of characters, which no answer may have"


def refuse_texts(declaration: Declaration, example: Example, where: str) -> None:
    """Raises InputError for texts that are empty, too long, or cannot be written."""
    named = [(slot.name, slot.kind, example.inputs[slot.name]) for slot in declaration.slots if not slot.pictured]
    texts = (
        (name, str(text))
        for name, kind, value in (*named, ("answer", declaration.answer, example.answer))
        for _, text in held("text", kind, value)
    )
    problems = [Problem(name, fault, "") for name, text in texts if (fault := fault_in(text))]
    if problems:
        raise InputError(f"{where} is no example", problems=tuple(problems))
