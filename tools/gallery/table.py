"""The gallery page as Markdown, from the recorded answers; needs no model."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ANSWERS, PAGE = "answers.json", "gallery.md"
WIDTH = 192  # pixels on the page; the pictures have twice as many
SPLITS = {"style": "a held-out style", "triples": "a held-out combination"}
HEAD = """\
# Gallery

Answers of `{model}` to scenes of kinds that were held out from training; {right} of {all} are right. English
answers are drawn in blue with names above the boxes, Chinese ones in red with names below. Where a box is wrong,
the right box is dashed.

- A box is right if its intersection over union with the right box is at least 0.5.
- A generated picture is right if the judge, a separately trained network, finds in it what the task asked for.
- Any other answer is right if it is equal to the right one.

Generated pictures are shown side by side: English, then Chinese; for `restore_image` the picture with its hole
comes first.

The scenes are not selected: each row is the first scene with three things, by seed, for which the task can be asked
in both languages. The model sees 96 x 96 pixels; the pictures here are enlarged. Recreate this page with `python -m
tools.gallery`. These are examples and no measurement; the scores are in the [model card](plait-nano.md).

"""


@dataclass(frozen=True)
class GalleryCell:
    """One answer; `instead` is the right answer if this one is wrong, else empty."""

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
    """Lines of the table, for all tasks or those named; `base_url` is the pictures' folder, seen from the page."""
    payload = json.loads((folder / ANSWERS).read_text("utf-8"))
    rows = [each for each in parse_rows(payload) if not tasks or each.task in tasks]
    head = ["| picture | English | Chinese |", "| --- | --- | --- |"]
    return [*head, *(f"| {image_html(row, base_url)} | {' | '.join(map(cell_markdown, row.cells))} |" for row in rows)]


def parse_rows(payload: dict[str, Any]) -> list[GalleryRow]:
    return [
        GalleryRow(**{**row, "cells": tuple(GalleryCell(**each) for each in row["cells"])}) for row in payload["rows"]
    ]


def image_html(row: GalleryRow, base_url: str) -> str:
    if not row.pictured:
        return "no picture"
    return f'<img src="{base_url}{row.task}.webp" width="{WIDTH}" alt="{row.task} on {SPLITS[row.split]}">'


def cell_markdown(cell: GalleryCell) -> str:
    mark = "✓" if cell.right else "✗"
    instead = f"<br>expected: {cell.instead}" if cell.instead else ""
    return f"`{cell.called}`<br>{mark} {cell.said}{instead}"
