"""Held-out combinations: noun, background colour and third of the picture that training never shows together.

They are chosen by a hash of their names, so they stay the same when the atlas grows.
"""

import zlib
from functools import cache

from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene, Thing

HELD_OUT_SHARE = 0.08  # share of all combinations
THIRDS = ("left", "middle", "right")


def is_held_out(scene: Scene) -> bool:
    """Whether any thing of the scene is in a held-out combination."""
    return any(
        (scene.ground, thing.noun, third_of_width(thing)) in held_out_combinations(scene.wide) for thing in scene.things
    )


def third_of_width(thing: Thing) -> int:
    return int(3 * thing.centre[0] // CANVAS_SIDE)


@cache
def held_out_combinations(wide: bool) -> frozenset[tuple[int, int, int]]:
    """All held-out combinations: background colour, noun, third of the width."""
    return frozenset(
        (ground, noun, third_index)
        for ground, colour in enumerate(COLOURS)
        for noun, noun_names in enumerate(atlas(wide).nouns)
        for third_index, third in enumerate(THIRDS)
        if zlib.crc32(f"{colour.en} {noun_names.code} {third}".encode()) % 10_000 < 10_000 * HELD_OUT_SHARE
    )
