"""Scenes, endless and seeded.

seen         what training draws: the training styles, without what is held out
style        a style that training never shows
identities   at least one sprite that training never shows, its noun known from other styles
triples      a combination of attributes that training never shows (heldout.py)
"""

import random
from collections.abc import Iterator
from functools import cache
from typing import Literal

from plait.foundation.unified.worlds.atlas import Atlas, atlas
from plait.foundation.unified.worlds.held_out import held_out
from plait.foundation.unified.worlds.palette import GROUNDS, shade
from plait.foundation.unified.worlds.scene import SIDE, Corners, Scene, Thing

Split = Literal["seen", "style", "identities", "triples"]
SPLITS: tuple[Split, ...] = ("seen", "style", "identities", "triples")
MOST = 3  # things in a scene
TWINS = 0.15  # how often a thing shares the noun of another
SMALLEST, LARGEST = 22, 46  # pixels of the longer side
GAP = 2  # pixels between things, at least
TRIES = 40


def scene(rng: random.Random, split: Split = "seen", count: int | None = None, wide: bool = False) -> Scene:
    """A scene of that split, with `count` things, else one to three, of all nouns where it is `wide`."""
    while True:
        drawn = attempt(rng, split, count or rng.randint(1, MOST), wide)
        if drawn is not None and held_out(drawn) == (split == "triples"):
            return drawn


def attempt(rng: random.Random, split: Split, count: int, wide: bool) -> Scene | None:
    """A scene, or None where there was no room for all."""
    known = atlas(wide)
    things: list[Thing] = []
    for number in range(count):
        pool = identities(split if split != "identities" or number == 0 else "seen", wide)
        style, noun = rng.choice(pool)
        if things and rng.random() < TWINS:
            style, noun = things[-1].style, things[-1].noun
        elif any(noun == other.noun for other in things):
            return None
        box = place(rng, known.proportions(style, noun), things)
        if box is None:
            return None
        things.append(Thing(noun, style, box, rng.random() < 0.5, known.colour_of(style, noun)))
    ground = rng.choice([each for each in GROUNDS if not any(known.faint[t.style, t.noun, each] for t in things)])
    return Scene(tuple(sorted(things, key=lambda thing: thing.centre)), ground, shade(ground, rng), wide)


@cache
def identities(split: Split, wide: bool) -> tuple[tuple[int, int], ...]:
    """The sprites of a split, as style and noun."""
    return tuple(found(atlas(wide), split))


def found(of: Atlas, split: Split) -> Iterator[tuple[int, int]]:
    for number, style in enumerate(of.styles):
        for noun in range(len(of.nouns)):
            if of.present[number, noun] and style.training == (split != "style"):
                if split == "style" or bool(of.held_out[number, noun]) == (split == "identities"):
                    yield number, noun


def place(rng: random.Random, proportions: tuple[float, float], others: list[Thing]) -> Corners | None:
    """Room for a thing of a random size, width and height in those proportions (the longer one is 1)."""
    for _ in range(TRIES):
        side = rng.randint(SMALLEST, LARGEST)
        width, height = (max(4, round(side * each)) for each in proportions)
        left, top = rng.randint(0, SIDE - width), rng.randint(0, SIDE - height)
        box = (left, top, left + width, top + height)
        if all(apart(box, other.box) for other in others):
            return box
    return None


def apart(one: Corners, other: Corners) -> bool:
    return one[2] + GAP <= other[0] or other[2] + GAP <= one[0] or one[3] + GAP <= other[1] or other[3] + GAP <= one[1]
