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
class Cell:
    """`instead` is the right answer where that is not right."""

    language: str
    called: str
    said: str
    right: bool
    instead: str


@dataclass(frozen=True)
class Row:
    task: str
    split: str
    pictured: bool
    cells: tuple[Cell, ...]


def page(folder: Path) -> str:
    told = json.loads((folder / ANSWERS).read_text("utf-8"))
    cells = [cell for row in rows_of(told) for cell in row.cells]
    head = HEAD.format(model=told["model"], right=sum(cell.right for cell in cells), all=len(cells))
    return head + "\n".join(table(folder, f"{folder.name}/")) + "\n"


def table(folder: Path, at: str, tasks: tuple[str, ...] = ()) -> list[str]:
    """The lines of the table, of some tasks or all; `at` is the folder as the page that shows it has it."""
    told = json.loads((folder / ANSWERS).read_text("utf-8"))
    rows = [each for each in rows_of(told) if not tasks or each.task in tasks]
    head = ["| picture | asked in English | asked in Chinese |", "| --- | --- | --- |"]
    return [*head, *(f"| {picture(row, at)} | {' | '.join(map(cell, row.cells))} |" for row in rows)]


def rows_of(told: dict[str, Any]) -> list[Row]:
    return [Row(**{**row, "cells": tuple(Cell(**each) for each in row["cells"])}) for row in told["rows"]]


def picture(row: Row, at: str) -> str:
    if not row.pictured:
        return "none is needed"
    return f'<img src="{at}{row.task}.webp" width="{WIDTH}" alt="{row.task} on {SPLITS[row.split]}">'


def cell(cell: Cell) -> str:
    mark = "✓" if cell.right else "✗"
    instead = f"<br>rather: {cell.instead}" if cell.instead else ""
    return f"`{cell.called}`<br>{mark} {cell.said}{instead}"
