"""Scenes as drawings are: each thing in a slot of its own, in one hand, on the plain shade of its ground.

What a description leaves open (where, how large, in whose hand, in which shade) would be learned from as noise: a small
model draws the mean of all that. So a drawing leaves nothing open: things stand as they are told, from left to right.
Slots lie on the grid of the image codes, so that a thing looks the same in codes wherever it stands.
"""

from collections.abc import Sequence
from functools import cache

from plait.foundation.unified.worlds.atlas import atlas_with
from plait.foundation.unified.worlds.palette import plain
from plait.foundation.unified.worlds.relations import Relation
from plait.foundation.unified.worlds.scene import SIDE, Corners, Scene, Thing

SLOT = SIDE // 2  # pixels of the canvas: four codes of a drawing of 64 pixels, eight of one of 128
LARGEST = SLOT - 2  # pixels of a thing's longer side
MIDDLE, END = SLOT // 2, SLOT
Place = tuple[int, int]  # left and top of a slot
PLACES: tuple[tuple[Place, ...], ...] = (
    (),
    ((MIDDLE, MIDDLE),),
    ((0, MIDDLE), (END, MIDDLE)),
    ((0, 0), (MIDDLE, END), (END, 0)),
)  # by how many things there are, from left to right
UPRIGHT: tuple[Place, Place] = ((MIDDLE, 0), (MIDDLE, END))


def arranged(nouns: Sequence[int], ground: int) -> Scene:
    """Up to three nouns on a ground, from left to right; equal ones side by side, as they are told."""
    told = [noun for noun in dict.fromkeys(nouns) for _ in range(nouns.count(noun))]
    return scene_of(told, PLACES[len(told)], ground)


def related(one: int, side: Relation, other: int, ground: int) -> Scene:
    """One noun on that side of another."""
    places = PLACES[2] if side in ("left", "right") else UPRIGHT
    return scene_of((one, other) if side in ("left", "above") else (other, one), places, ground)


def scene_of(nouns: Sequence[int], places: Sequence[Place], ground: int) -> Scene:
    return Scene(tuple(placed(*each, ground) for each in zip(nouns, places, strict=True)), ground, plain(ground))


def placed(noun: int, place: Place, ground: int) -> Thing:
    """An even number of pixels wide and high, so that all things of a column have the same centre."""
    known, style = atlas_with(noun), hand(noun, ground)
    width, height = (max(4, 2 * round(LARGEST / 2 * each)) for each in known.proportions(style, noun))
    left, top = place[0] + (SLOT - width) // 2, place[1] + (SLOT - height) // 2
    box: Corners = (left, top, left + width, top + height)
    return Thing(noun, style, box, False, known.colour_of(style, noun))


@cache
def hand(noun: int, ground: int) -> int:
    """The first training style that has the noun, and in which it is well seen on that ground."""
    known = atlas_with(noun)
    there = [
        number
        for number, style in enumerate(known.styles)
        if style.training and known.present[number, noun] and not known.held_out[number, noun]
    ]
    return next((number for number in there if not known.faint[number, noun, ground]), there[0])
