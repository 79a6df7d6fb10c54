"""What can be painted without a model: the mean of the training pictures, and the nearest of them."""

from functools import cache
from typing import cast

import numpy as np
from numpy.typing import NDArray

from plait.foundation.unified.holes import Fractions, patched, pixels_in
from plait.foundation.unified.metrics.image_similarity import Picture
from plait.foundation.unified.suite.baseline_training import known, scenes
from plait.foundation.unified.worlds.items import Item, Words, said
from plait.foundation.unified.worlds.painting_items import hole_of
from plait.foundation.unified.worlds.rendering import drawn
from plait.foundation.unified.worlds.scene import Scene

CANVAS = 64  # pixels a side of what is painted here
SMALL = 16  # and of what pictures are compared at
AVERAGED = 500  # training pictures, of the mean


def mean_picture(item: Item, scene: Scene | None) -> Picture:
    """The mean of all training pictures; where there is a hole, in it alone."""
    if scene is None:
        return mean_drawing()
    return patched(drawn(scene, CANVAS), hole_of(item), mean_of_scenes())


def nearest_picture(item: Item, scene: Scene | None) -> Picture:
    """The training picture whose description shares most words; where there is a hole, what stands there in the picture
    that is most like the rest of this one.
    """
    if scene is None:
        return drawn(nearest_by_words(item), CANVAS)
    hole = hole_of(item)
    seen = outside(small(scene), hole)
    far = np.square(outside(all_small(), hole) - seen).sum((1, 2, 3))
    return patched(drawn(scene, CANVAS), hole, drawn(scenes()[int(far.argmin())], CANVAS))


def words_of(item: Item) -> frozenset[str]:
    """Its words; of Chinese its characters."""
    text = said(cast(Words, item.inputs["description"]))
    return frozenset(text.split() if item.language == "en" else text)


def nearest_by_words(item: Item) -> Scene:
    """The one that has most of the words, and fewest others."""
    words = words_of(item)
    best = max(drawings(item.language), key=lambda each: len(words & each[0]) / len(words | each[0]))
    return best[1]


@cache
def drawings(language: str) -> list[tuple[frozenset[str], Scene]]:
    asked = [each.item for each in known("draw") if each.item.language == language]
    return [(words_of(item), item.answer) for item in asked if isinstance(item.answer, Scene)]


@cache
def mean_drawing() -> Picture:
    return mean([scene for _, scene in drawings("en")[:AVERAGED]])


@cache
def mean_of_scenes() -> Picture:
    return mean(list(scenes()[:AVERAGED]))


def mean(of: list[Scene]) -> Picture:
    return np.mean([drawn(scene, CANVAS) for scene in of], axis=0).round().astype(np.uint8)


def small(scene: Scene) -> NDArray[np.float32]:
    return drawn(scene, SMALL).astype(np.float32)


@cache
def all_small() -> NDArray[np.float32]:
    return np.stack([small(scene) for scene in scenes()])


def outside(pictures: NDArray[np.float32], hole: Fractions) -> NDArray[np.float32]:
    """Nothing where the hole is."""
    left, top, right, bottom = pixels_in(hole, SMALL)
    kept = pictures.copy()
    kept[..., top:bottom, left:right, :] = 0
    return kept
