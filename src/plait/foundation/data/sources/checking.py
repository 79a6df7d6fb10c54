"""Every row of a file looked at once before training, its pictures by their headers alone."""

import hashlib
from array import array
from pathlib import Path

from plait.core.declaration import Declaration
from plait.core.errors import InputError, Problem
from plait.core.examples import Example
from plait.core.grammar import TEXT
from plait.core.kinds import held
from plait.core.rows import FORMATS
from plait.foundation.data.header.value import Header, by_header
from plait.foundation.data.sources.bad_rows import refuse_too_many
from plait.foundation.data.sources.coco import coco_rows
from plait.foundation.data.sources.explaining import explained
from plait.foundation.data.sources.jsonl import lines_of
from plait.foundation.data.sources.rows import Rows
from plait.foundation.data.sources.table import Table
from plait.foundation.data.sources.tables import table_of
from plait.foundation.generation.characters import countable


def opened(file: Path, declaration: Declaration, images: Path | None = None) -> Rows:
    """The rows of a .jsonl, .csv or COCO .json file for a task, its pictures meant from `images` or its own folder.

    Raises InputError for a file that is none, or that has too few rows to learn from.
    """
    rows = checked(table_in(file, declaration, images or file.parent), declaration)
    refuse_too_many(str(file), rows.bad, rows.length + len(rows.bad))
    return rows


def table_in(file: Path, declaration: Declaration, folder: Path) -> Table:
    if file.suffix == ".csv":
        return table_of(file, folder)
    if file.suffix in FORMATS:
        return lines_of(file, folder)
    if file.suffix == ".json":
        return coco_rows(file, folder, declaration)
    raise InputError(
        f"{file} is no format that is trained on", way_out="JSON lines (.jsonl), a table (.csv) or COCO (.json)"
    )


def checked(table: Table, declaration: Declaration) -> Rows:
    seen = hashlib.sha256(f"{declaration.name} {table.sha256}\n".encode())
    glancing = by_header(declaration, table.folder)
    good, bad = array("Q"), list(table.bad)
    for place in range(len(table)):
        row = table.row(place, glancing)
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
