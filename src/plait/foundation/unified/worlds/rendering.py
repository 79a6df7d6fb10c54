"""Renders scenes with Pillow: cropped and scaled sprites on a plain background."""

from collections.abc import Sequence
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from plait.foundation.unified.worlds.atlas import atlas_with
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene


def render_scene(scene: Scene, side: int = CANVAS_SIDE) -> NDArray[np.uint8]:
    """The picture, (side, side, 3). Boxes are exact at CANVAS_SIDE pixels, and within half a pixel at other sides."""
    canvas = Image.new("RGB", (side, side), scene.ground_rgb)
    for thing in scene.things:
        left, top, right, bottom = scale_box(thing.box, side)
        sprite = crop_sprite(thing.style, thing.noun, thing.mirrored).resize(
            (right - left, bottom - top), Image.Resampling.BILINEAR
        )
        canvas.paste(sprite, (left, top), sprite)
    return np.asarray(canvas)


def render_scenes(scenes: Sequence[Scene], side: int = CANVAS_SIDE) -> NDArray[np.uint8]:
    """The pictures, (scenes, side, side, 3)."""
    return np.stack([render_scene(scene, side) for scene in scenes])


def scale_box(box: PixelBox, side: int) -> PixelBox:
    """The box in whole pixels of a canvas of another side."""
    left, top, right, bottom = (round(corner * side / CANVAS_SIDE) for corner in box)
    return left, top, right, bottom


@cache
def crop_sprite(style: int, noun: int, mirrored: bool) -> Image.Image:
    """A sprite without its margins, so that its box on the canvas is exact."""
    pictograms = atlas_with(noun)
    left, top, right, bottom = pictograms.tight_box(style, noun)
    sprite = Image.fromarray(pictograms.sprites[style, noun, top:bottom, left:right])
    return ImageOps.mirror(sprite) if mirrored else sprite
