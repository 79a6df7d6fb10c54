"""Scenes to pictures: sprites, cut tight and scaled, on an even ground."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from plait.foundation.data.worlds.atlas import atlas
from plait.foundation.data.worlds.scene import SIDE, Scene


def drawn(scene: Scene) -> NDArray[np.uint8]:
    """The picture, (SIDE, SIDE, 3)."""
    canvas = Image.new("RGB", (SIDE, SIDE), scene.ground_rgb)
    for thing in scene.things:
        left, top, right, bottom = thing.box
        sprite = cut(thing.style, thing.noun, thing.mirrored).resize(
            (right - left, bottom - top), Image.Resampling.BILINEAR
        )
        canvas.paste(sprite, (left, top), sprite)
    return np.asarray(canvas)


def drawn_together(scenes: Sequence[Scene]) -> NDArray[np.uint8]:
    """The pictures, (scenes, SIDE, SIDE, 3)."""
    return np.stack([drawn(scene) for scene in scenes])


@cache
def cut(style: int, noun: int, mirrored: bool) -> Image.Image:
    """A sprite without its margins; its box on the canvas is then exactly where it is drawn."""
    left, top, right, bottom = atlas().tight_box(style, noun)
    sprite = Image.fromarray(atlas().sprites[style, noun, top:bottom, left:right])
    return ImageOps.mirror(sprite) if mirrored else sprite
