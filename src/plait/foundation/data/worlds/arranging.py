"""Scenes as drawings are: each thing in a slot of its own, in one hand, on the plain shade of its ground.

What a description leaves open (where, how large, in whose hand, in which shade) would be learned from as noise: a small
model draws the mean of all that. So a drawing leaves less open. Slots lie on the grid of the image codes, so that a
thing looks the same in codes wherever it stands.
"""

import random
from collections.abc import Sequence
from functools import cache

from plait.foundation.data.worlds.atlas import atlas
from plait.foundation.data.worlds.palette import plain
from plait.foundation.data.worlds.relations import Relation
from plait.foundation.data.worlds.scene import SIDE, Corners, Scene, Thing

STEP = SIDE // 4  # pixels of the canvas between slots: two codes of a drawing of 64 pixels, four of one of 128
SLOT = 2 * STEP
LARGEST = SLOT - 2  # pixels of a thing's longer side
PLACES = tuple((x, y) for y in range(0, SIDE - SLOT + 1, STEP) for x in range(0, SIDE - SLOT + 1, STEP))
Place = tuple[int, int]  # left and top of a slot


def arranged(nouns: Sequence[int], ground: int, rng: random.Random) -> Scene:
    """Those nouns on that ground, up to four of them, wherever there is room."""
    places = apart(len(nouns), rng)
    return scene_of([placed(noun, ground, place) for noun, place in zip(nouns, places, strict=True)], ground)


def related(one: int, side: Relation, other: int, ground: int, rng: random.Random) -> Scene:
    """One noun on that side of another."""
    along = (0, SIDE - SLOT) if side in ("left", "above") else (SIDE - SLOT, 0)
    across = [rng.choice(range(0, SIDE - SLOT + 1, STEP)) for _ in range(2)]
    places = [(a, b) if side in ("left", "right") else (b, a) for a, b in zip(along, across, strict=True)]
    return scene_of([placed(noun, ground, place) for noun, place in zip((one, other), places, strict=True)], ground)


def scene_of(things: list[Thing], ground: int) -> Scene:
    return Scene(tuple(sorted(things, key=lambda thing: thing.centre)), ground, plain(ground))


def placed(noun: int, ground: int, place: Place) -> Thing:
    style = hand(noun, ground)
    width, height = (max(4, round(LARGEST * each)) for each in atlas().proportions(style, noun))
    left, top = place[0] + (SLOT - width) // 2, place[1] + (SLOT - height) // 2
    box: Corners = (left, top, left + width, top + height)
    return Thing(noun, style, box, False, atlas().colour_of(style, noun))


@cache
def hand(noun: int, ground: int) -> int:
    """The first training style that has the noun, and in which it is well seen on that ground."""
    known = atlas()
    there = [
        number
        for number, style in enumerate(known.styles)
        if style.training and known.present[number, noun] and not known.held_out[number, noun]
    ]
    return next((number for number in there if not known.faint[number, noun, ground]), there[0])


def apart(count: int, rng: random.Random) -> list[Place]:
    """Slots that do not overlap, in no order."""
    while True:
        found: list[Place] = []
        for place in rng.sample(PLACES, len(PLACES)):
            if len(found) < count and all(max(abs(place[0] - x), abs(place[1] - y)) >= SLOT for x, y in found):
                found.append(place)
        if len(found) == count:
            return found
