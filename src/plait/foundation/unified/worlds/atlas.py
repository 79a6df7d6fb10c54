"""The atlas: pictograms of everyday things in several styles, with their names in two languages.

Data files of this package: `styles.json`, `nouns.json` and one sheet per style, all written by recipes/data/atlas.py. A
sheet has cells of CELL pixels in the order of the nouns, COLUMNS per row, empty where the style has no picture. The
folder `more` has the additional nouns and sheets of larger models.
"""

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from plait.core.errors import SettingsError
from plait.foundation.unified.worlds.palette import COLOURS, NO_COLOUR

CELL = 64
COLUMNS = 16
FOLDER = Path(__file__).with_name("atlas")
EXTRA_FOLDER = "more"


@dataclass(frozen=True)
class NounClass:
    """The class of a noun, such as animal, fruit or vehicle."""

    en: str
    plural: str
    zh: str
    measure: str


@dataclass(frozen=True)
class Noun:
    """A noun. `code`: code point of the emoji in hexadecimal; `article`: "a" or "an"; `measure`:
    Chinese measure word.
    """

    code: str
    en: str
    plural: str
    article: str
    zh: str
    measure: str
    noun_class: NounClass


@dataclass(frozen=True)
class Style:
    """A pictogram style and the package of its pictures. Styles with `training` false are kept for evaluation."""

    name: str
    package: str
    version: str
    licence: str
    training: bool


@dataclass(frozen=True, eq=False)
class Atlas:
    """All pictograms and their properties. Arrays are indexed by style, then noun.

    `sprites`: (styles, nouns, CELL, CELL, 4) bytes, not premultiplied. `boxes`: (styles, nouns, 4), left, top, right,
    bottom of the visible part, in pixels of the cell. `colour`: index into `palette.COLOURS` of the colour that covers
    most of a sprite, or NO_COLOUR. `held_out`: pairs that training never shows, in training styles. `faint`: (styles,
    nouns, COLOURS), whether a sprite is hard to see on a background of that colour.
    """

    nouns: tuple[Noun, ...]
    styles: tuple[Style, ...]
    sprites: NDArray[np.uint8]
    present: NDArray[np.bool_]
    held_out: NDArray[np.bool_]
    colour: NDArray[np.int64]
    boxes: NDArray[np.int64]
    faint: NDArray[np.bool_]

    def tight_box(self, style: int, noun: int) -> tuple[int, int, int, int]:
        left, top, right, bottom = self.boxes[style, noun].tolist()
        return left, top, right, bottom

    def proportions(self, style: int, noun: int) -> tuple[float, float]:
        """Width and height of the visible part, scaled so that the longer one is 1."""
        left, top, right, bottom = self.tight_box(style, noun)
        longer = max(right - left, bottom - top)
        return (right - left) / longer, (bottom - top) / longer

    def colour_of(self, style: int, noun: int) -> int | None:
        colour = int(self.colour[style, noun])
        return None if colour == NO_COLOUR else colour


def atlas(wide: bool = False) -> Atlas:
    """The nouns that every model knows; with `wide`, those with the same indices, then the additional ones."""
    return wide_atlas() if wide else base_atlas()


def atlas_with(noun: int) -> Atlas:
    """The smallest atlas that has the noun: the wide one takes 90 MB and four times as long to load."""
    return atlas(wide=noun >= len(base_atlas().nouns))


@cache
def base_atlas() -> Atlas:
    return read_atlas(FOLDER)


@cache
def wide_atlas() -> Atlas:
    return concatenate(base_atlas(), read_atlas(FOLDER, EXTRA_FOLDER))


def concatenate(one: Atlas, other: Atlas) -> Atlas:
    """Joins the nouns of two atlases that have the same styles."""
    arrays = ("sprites", "present", "held_out", "colour", "boxes", "faint")
    arrays_by_name = {name: np.concatenate((getattr(one, name), getattr(other, name)), 1) for name in arrays}
    return Atlas((*one.nouns, *other.nouns), one.styles, **arrays_by_name)


def read_atlas(folder: Path, subfolder: str = "") -> Atlas:
    """Reads the nouns of the folder, or of that subfolder.

    Raises SettingsError, naming the file, if a file is missing or truncated or a sheet has the wrong size.
    """
    styles = tuple(Style(**entry) for entry in read_entries(folder / "styles.json"))
    entries = read_entries(folder / subfolder / "nouns.json")
    colours = {colour.en: index for index, colour in enumerate(COLOURS)}
    shape = len(styles), len(entries)
    present, held_out = np.zeros(shape, bool), np.zeros(shape, bool)
    colour, boxes = np.full(shape, NO_COLOUR), np.zeros((*shape, 4), np.int64)
    faint = np.zeros((*shape, len(COLOURS)), bool)
    for row, style in enumerate(styles):
        for column, entry in enumerate(entries):
            if sprite := entry["styles"].get(style.name):
                present[row, column], held_out[row, column] = True, sprite["held_out"]
                colour[row, column], boxes[row, column] = colours.get(sprite["colour"], NO_COLOUR), sprite["box"]
                faint[row, column, [colours[name] for name in sprite["faint"]]] = True
    sheets = np.stack([read_cells(folder / subfolder / f"{style.name}.webp", len(entries)) for style in styles])
    return Atlas(tuple(map(parse_noun, entries)), styles, sheets, present, held_out, colour, boxes, faint)


def parse_noun(entry: dict[str, Any]) -> Noun:
    names = {name: entry[name] for name in ("code", "en", "plural", "article", "zh", "measure")}
    return Noun(**names, noun_class=NounClass(**entry["kind"]))


def read_cells(path: Path, count: int) -> NDArray[np.uint8]:
    """The first `count` cells of a sheet, (count, CELL, CELL, 4)."""
    try:
        with Image.open(path) as sheet:
            pixels = np.asarray(sheet.convert("RGBA"))
    except (OSError, SyntaxError, ValueError) as error:
        raise atlas_error(path, str(error)) from error
    rows = -(-count // COLUMNS)
    if pixels.shape != (rows * CELL, COLUMNS * CELL, 4):
        raise atlas_error(path, f"{pixels.shape[1]}x{pixels.shape[0]} pixels, not {COLUMNS * CELL}x{rows * CELL}")
    grid = pixels.reshape(rows, CELL, COLUMNS, CELL, 4).swapaxes(1, 2)
    return grid.reshape(-1, CELL, CELL, 4)[:count]


def read_entries(path: Path) -> list[dict[str, Any]]:
    try:
        return json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise atlas_error(path, str(error)) from error


def atlas_error(path: Path, reason: str) -> SettingsError:
    return SettingsError(
        f"{path.name} of the atlas cannot be read: {reason}",
        details=(str(path),),
        hint="reinstall Plait, or write the atlas with recipes/data/atlas.py",
    )
