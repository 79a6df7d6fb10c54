"""Baselines for image tasks without a model: the mean training picture, and the nearest one."""

from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from plait.foundation.unified.holes import FractionalBox, hole_pixels, with_patched_hole
from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.suite.baseline_training import training_items, training_scenes
from plait.foundation.unified.worlds.items import Item, Spans, spans_text
from plait.foundation.unified.worlds.painting_items import hole_fractions
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.scene import Scene

PAINTED_SIDE = 64  # pixels per side of the predicted pictures
THUMBNAIL_SIDE = 16  # pixels per side at which pictures are compared
NUM_AVERAGED = 500  # training pictures in the mean


def mean_picture(item: Item, scene: Scene | None) -> PixelArray:
    """The mean of the training pictures; for a hole, only its content."""
    if scene is None:
        return mean_drawing()
    return with_patched_hole(render_scene(scene, PAINTED_SIDE), hole_fractions(item), mean_of_scenes())


def nearest_picture(item: Item, scene: Scene | None) -> PixelArray:
    """The training picture whose description shares most words; for a hole, the content of the training picture most
    similar to the visible part.
    """
    if scene is None:
        return render_scene(nearest_by_words(item), PAINTED_SIDE)
    hole = hole_fractions(item)
    visible = without_hole(thumbnail(scene), hole)
    distances = np.square(without_hole(training_thumbnails(), hole) - visible).sum((1, 2, 3))
    return with_patched_hole(
        render_scene(scene, PAINTED_SIDE), hole, render_scene(training_scenes()[int(distances.argmin())], PAINTED_SIDE)
    )


def description_words(item: Item) -> frozenset[str]:
    """The words of the description; in Chinese its characters."""
    text = spans_text(cast(Spans, item.inputs["description"]))
    return frozenset(text.split() if item.language == "en" else text)


def nearest_by_words(item: Item) -> Scene:
    """The training scene whose description has the highest Jaccard similarity of words."""
    query_words = description_words(item)
    best = max(
        training_drawings(item.language), key=lambda each: len(query_words & each[0]) / len(query_words | each[0])
    )
    return best[1]


@cache
def training_drawings(language: str) -> list[tuple[frozenset[str], Scene]]:
    items = [each.item for each in training_items("draw") if each.item.language == language]
    return [(description_words(item), item.answer) for item in items if isinstance(item.answer, Scene)]


@cache
def mean_drawing() -> PixelArray:
    return mean_of_drawings([scene for _, scene in training_drawings("en")[:NUM_AVERAGED]])


@cache
def mean_of_scenes() -> PixelArray:
    return mean_of_drawings(list(training_scenes()[:NUM_AVERAGED]))


def mean_of_drawings(drawn_scenes: list[Scene]) -> PixelArray:
    return np.mean([render_scene(scene, PAINTED_SIDE) for scene in drawn_scenes], axis=0).round().astype(np.uint8)


def thumbnail(scene: Scene) -> NDArray[np.float32]:
    return render_scene(scene, THUMBNAIL_SIDE).astype(np.float32)


@cache
def training_thumbnails() -> NDArray[np.float32]:
    return np.stack([thumbnail(scene) for scene in training_scenes()])


def without_hole(pictures: NDArray[np.float32], hole: FractionalBox) -> NDArray[np.float32]:
    """The pictures with zeros in the hole."""
    left, top, right, bottom = hole_pixels(hole, THUMBNAIL_SIDE)
    masked = pictures.copy()
    masked[..., top:bottom, left:right, :] = 0
    return masked
