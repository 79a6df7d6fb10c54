"""Random scenes, unlimited and seeded, in four splits.

seen         distribution of training: the training styles, without anything held out
style        a style that training never shows
identities   at least one pictogram that training never shows; its noun is known from other styles
triples      a combination of attributes that training never shows (held_out.py)
"""

import random
from collections.abc import Iterator
from functools import cache
from typing import Literal

from plait.foundation.unified.worlds.atlas import Atlas, atlas
from plait.foundation.unified.worlds.held_out import is_held_out
from plait.foundation.unified.worlds.palette import GROUNDS, random_shade
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene, Thing

Split = Literal["seen", "style", "identities", "triples"]
SPLITS: tuple[Split, ...] = ("seen", "style", "identities", "triples")
MAX_THINGS = 3  # things in a scene
TWIN_SHARE = 0.15  # share of things with the noun of another thing
MIN_THING_SIDE, MAX_THING_SIDE = 22, 46  # pixels of the longer side
MIN_GAP = 2  # minimum pixels between things
MAX_TRIES = 40


def sample_scene(rng: random.Random, split: Split = "seen", count: int | None = None, wide: bool = False) -> Scene:
    """A scene of that split with `count` things, or one to three; with nouns of the wide atlas if `wide`."""
    while True:
        scene = try_scene(rng, split, count or rng.randint(1, MAX_THINGS), wide)
        if scene is not None and is_held_out(scene) == (split == "triples"):
            return scene


def try_scene(rng: random.Random, split: Split, count: int, wide: bool) -> Scene | None:
    """A scene, or None if the things do not fit."""
    pictograms = atlas(wide)
    things: list[Thing] = []
    for number in range(count):
        pool = sprite_pool(split if split != "identities" or number == 0 else "seen", wide)
        style, noun = rng.choice(pool)
        if things and rng.random() < TWIN_SHARE:
            style, noun = things[-1].style, things[-1].noun
        elif any(noun == other.noun for other in things):
            return None
        box = random_box(rng, pictograms.proportions(style, noun), things)
        if box is None:
            return None
        things.append(Thing(noun, style, box, rng.random() < 0.5, pictograms.colour_of(style, noun)))
    ground = rng.choice([each for each in GROUNDS if not any(pictograms.faint[t.style, t.noun, each] for t in things)])
    return Scene(tuple(sorted(things, key=lambda thing: thing.centre)), ground, random_shade(ground, rng), wide)


@cache
def sprite_pool(split: Split, wide: bool) -> tuple[tuple[int, int], ...]:
    """The pairs of style and noun of a split."""
    return tuple(iter_sprites(atlas(wide), split))


def iter_sprites(sprites: Atlas, split: Split) -> Iterator[tuple[int, int]]:
    for number, style in enumerate(sprites.styles):
        for noun in range(len(sprites.nouns)):
            if sprites.present[number, noun] and style.training == (split != "style"):
                if split == "style" or bool(sprites.held_out[number, noun]) == (split == "identities"):
                    yield number, noun


def random_box(rng: random.Random, proportions: tuple[float, float], things: list[Thing]) -> PixelBox | None:
    """A free box of random size and position with those proportions (the longer one is 1); None if
    there is no space.
    """
    for _ in range(MAX_TRIES):
        side = rng.randint(MIN_THING_SIDE, MAX_THING_SIDE)
        width, height = (max(4, round(side * each)) for each in proportions)
        left, top = rng.randint(0, CANVAS_SIDE - width), rng.randint(0, CANVAS_SIDE - height)
        box = (left, top, left + width, top + height)
        if all(is_apart(box, other.box) for other in things):
            return box
    return None


def is_apart(one: PixelBox, other: PixelBox) -> bool:
    return (
        one[2] + MIN_GAP <= other[0]
        or other[2] + MIN_GAP <= one[0]
        or one[3] + MIN_GAP <= other[1]
        or other[3] + MIN_GAP <= one[1]
    )
