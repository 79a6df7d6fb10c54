"""Tasks and files as a user has them."""

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from plait import Box, Image
from plait.core.task.task import task
from tests.support.shelf import MUG, PNG


class Thing(BaseModel):
    label: str
    box: Box


@task
def find(picture: Image, phrase: str) -> Box:
    """Where in {picture} is {phrase}?"""
    ...


@task
def find_all(photo: Image) -> list[Thing]:
    """What is in {photo}, and where?"""
    ...


@task
def name_it(picture: Image, region: Box) -> str:
    """What is at {region} of {picture}?"""
    ...


@task
def caption(picture: Image) -> str:
    """What does {picture} show?"""
    ...


CORNERS = dict(zip(("x0", "y0", "x1", "y1"), MUG, strict=True))
ROW: dict[str, Any] = {"picture": "shelf.png", "phrase": "the red mug", "answer": CORNERS}


def row_without(*names: str) -> dict[str, Any]:
    return {name: value for name, value in ROW.items() if name not in names}


def write_jsonl(folder: Path, *rows: Any, end: str = "\n", name: str = "rows.jsonl") -> Path:
    """A file of rows beside the picture of a shelf; a text is a line as it is."""
    (folder / "shelf.png").write_bytes(PNG)
    lines = [row if isinstance(row, str) else json.dumps(row) for row in rows]
    file = folder / name
    file.write_text("\n".join(lines) + end, "utf-8")
    return file
