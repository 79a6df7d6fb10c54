"""Scenes arranged as drawings: each thing in a cell of its own, in one style, on the base shade of its background.

Everything that a description leaves open (position, size, style, shade) would be noise in training: a small model
generates the mean of all variants. Therefore a drawing is determined by its description: things stand in the order of
the text, from left to right. Cells are aligned with the grid of image codes, so that a thing has the same codes in any
cell.
"""

from collections.abc import Sequence
from functools import cache

from plait.foundation.unified.worlds.atlas import atlas_with
from plait.foundation.unified.worlds.palette import base_shade
from plait.foundation.unified.worlds.relations import Relation
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene, Thing

CELL_SIDE = CANVAS_SIDE // 2  # pixels of the canvas: four codes of a drawing of 64 pixels, eight of one of 128
MAX_THING_SIDE = CELL_SIDE - 2  # pixels of a thing's longer side
MIDDLE, END = CELL_SIDE // 2, CELL_SIDE
CellCorner = tuple[int, int]  # left and top of a cell
ROW_LAYOUTS: tuple[tuple[CellCorner, ...], ...] = (
    (),
    ((MIDDLE, MIDDLE),),
    ((0, MIDDLE), (END, MIDDLE)),
    ((0, 0), (MIDDLE, END), (END, 0)),
)  # by number of things, from left to right
COLUMN_LAYOUT: tuple[CellCorner, CellCorner] = ((MIDDLE, 0), (MIDDLE, END))


def arrange_in_row(nouns: Sequence[int], ground: int) -> Scene:
    """Arranges up to three nouns on a background from left to right, equal ones side by side, in
    the order of the text.
    """
    grouped = [noun for noun in dict.fromkeys(nouns) for _ in range(nouns.count(noun))]
    return build_scene(grouped, ROW_LAYOUTS[len(grouped)], ground)


def arrange_pair(subject: int, relation: Relation, reference: int, ground: int) -> Scene:
    """Arranges `subject` on that side of `reference`."""
    corners = ROW_LAYOUTS[2] if relation in ("left", "right") else COLUMN_LAYOUT
    return build_scene((subject, reference) if relation in ("left", "above") else (reference, subject), corners, ground)


def build_scene(nouns: Sequence[int], corners: Sequence[CellCorner], ground: int) -> Scene:
    return Scene(
        tuple(place_thing(*each, ground) for each in zip(nouns, corners, strict=True)), ground, base_shade(ground)
    )


def place_thing(noun: int, corner: CellCorner, ground: int) -> Thing:
    """Centres a thing in a cell. Width and height are even, so that all things of a column have the same centre."""
    pictograms, style = atlas_with(noun), drawing_style(noun, ground)
    width, height = (max(4, 2 * round(MAX_THING_SIDE / 2 * each)) for each in pictograms.proportions(style, noun))
    left, top = corner[0] + (CELL_SIDE - width) // 2, corner[1] + (CELL_SIDE - height) // 2
    box: PixelBox = (left, top, left + width, top + height)
    return Thing(noun, style, box, False, pictograms.colour_of(style, noun))


@cache
def drawing_style(noun: int, ground: int) -> int:
    """The first training style that has the noun with enough contrast to that background."""
    pictograms = atlas_with(noun)
    training_styles = [
        number
        for number, style in enumerate(pictograms.styles)
        if style.training and pictograms.present[number, noun] and not pictograms.held_out[number, noun]
    ]
    return next(
        (number for number in training_styles if not pictograms.faint[number, noun, ground]), training_styles[0]
    )
