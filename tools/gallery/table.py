"""What was asked and answered, as Markdown. Reads a JSON file and no model: docs use it on every machine."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWERS, PAGE = "answers.json", "gallery.md"
WIDTH = 192  # pixels on the page; the pictures have twice as many
SPLITS = {"style": "a style that training never shows", "triples": "a combination that training never shows"}
HEAD = """\
# Gallery

What `{model}` says to scenes of a kind that it was not trained on, {right} of {all} right. Answers in English are drawn
in blue, with names above the boxes, in Chinese in red, with names below; where a box is wrong, the right one is dashed.
A box is right where it overlaps the right one by 0.5 or more (intersection over union), a picture where the judge, a
network of its own, sees in it what was asked for, anything else to the letter. What is painted stands side by side: in
English, in Chinese, before them the picture with its hole.

Nothing is chosen: each row is the first scene of three things, by its seed, in which its task can be asked in both
languages; `python -m tools.gallery` makes this page anew. A picture is what the model saw, 96 pixels wide, enlarged.
So few answers measure nothing; [the card](plait-nano.md) has the scores.

"""


@dataclass(frozen=True)
class GalleryCell:
    """`instead` is the right answer where that is not right."""

    language: str
    called: str
    said: str
    right: bool
    instead: str


@dataclass(frozen=True)
class GalleryRow:
    task: str
    split: str
    pictured: bool
    cells: tuple[GalleryCell, ...]


def page(folder: Path) -> str:
    payload = json.loads((folder / ANSWERS).read_text("utf-8"))
    cells = [cell for row in parse_rows(payload) for cell in row.cells]
    head = HEAD.format(model=payload["model"], right=sum(cell.right for cell in cells), all=len(cells))
    return head + "\n".join(table(folder, f"{folder.name}/")) + "\n"


def table(folder: Path, base_url: str, tasks: tuple[str, ...] = ()) -> list[str]:
    """The lines of the table, of some tasks or all; `base_url` is the folder as the page that shows it has it."""
    payload = json.loads((folder / ANSWERS).read_text("utf-8"))
    rows = [each for each in parse_rows(payload) if not tasks or each.task in tasks]
    head = ["| picture | asked in English | asked in Chinese |", "| --- | --- | --- |"]
    return [*head, *(f"| {image_html(row, base_url)} | {' | '.join(map(cell_markdown, row.cells))} |" for row in rows)]


def parse_rows(payload: dict[str, Any]) -> list[GalleryRow]:
    return [
        GalleryRow(**{**row, "cells": tuple(GalleryCell(**each) for each in row["cells"])}) for row in payload["rows"]
    ]


def image_html(row: GalleryRow, base_url: str) -> str:
    if not row.pictured:
        return "none is needed"
    return f'<img src="{base_url}{row.task}.webp" width="{WIDTH}" alt="{row.task} on {SPLITS[row.split]}">'


def cell_markdown(cell: GalleryCell) -> str:
    mark = "✓" if cell.right else "✗"
    instead = f"<br>rather: {cell.instead}" if cell.instead else ""
    return f"`{cell.called}`<br>{mark} {cell.said}{instead}"
