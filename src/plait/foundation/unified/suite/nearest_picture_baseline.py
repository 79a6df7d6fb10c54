"""The answer of the nearest training picture: what can be had by looking without understanding."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from PIL import Image

from plait.foundation.unified.metrics.bootstrap import Floats
from plait.foundation.unified.metrics.image_similarity import Picture
from plait.foundation.unified.suite.baseline_training import known, scenes
from plait.foundation.unified.suite.image_baselines import nearest_picture
from plait.foundation.unified.suite.question_only_baseline import Blind, kind_of, words_of
from plait.foundation.unified.suite.questions import region
from plait.foundation.unified.suite.solver import Said
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.rendering import drawn
from plait.foundation.unified.worlds.scene import Corners, Scene
from plait.foundation.unified.worlds.task_items import PAINTED

SMALL = 8  # pixels a side that a picture is reduced to
SHADES = 4  # of each channel in the histogram


class Nearest:
    """Of the training pictures that the same words were asked of, else of those with a question of the same kind. A
    region is looked at by itself. Without a picture it is the blind baseline.
    """

    name = "nearest"

    def __init__(self) -> None:
        self.shelves: dict[str, dict[Hashable, Shelf]] = {}

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Said]:
        if items[0].task in PAINTED:
            return [Said(nearest_picture(*each)) for each in zip(items, scenes, strict=True)]
        blind = self.blind.answers(items, scenes)
        both = zip(items, scenes, blind, strict=True)
        return [other if scene is None else Said(self.answer(item, drawn(scene))) for item, scene, other in both]

    @cached_property
    def blind(self) -> Blind:
        return Blind()

    def answer(self, item: Item, picture: Picture) -> Answer:
        if item.task not in self.shelves:
            self.shelves[item.task] = shelves(item.task)
        of_task = self.shelves[item.task]
        shelf = of_task.get(("words", words_of(item))) or of_task["kind", kind_of(item)]
        return shelf.nearest(features(picture, region(item)))


@dataclass(frozen=True, eq=False)
class Shelf:
    """Training questions of one sort: features (questions, features), and the answer to each."""

    features: Floats
    answers: tuple[Answer, ...]

    def nearest(self, features: Floats) -> Answer:
        return self.answers[int(np.square(self.features - features).sum(1).argmin())]


def shelves(task: str) -> dict[Hashable, Shelf]:
    """By the words of the question, and by its kind."""
    rows: dict[Hashable, list[int]] = {}
    questions = known(task)
    for row, each in enumerate(questions):
        rows.setdefault(("words", words_of(each.item)), []).append(row)
        rows.setdefault(("kind", kind_of(each.item)), []).append(row)
    seen = np.stack([seen_at(each.place, region(each.item)) for each in questions])
    return {key: Shelf(seen[at], tuple(questions[row].item.answer for row in at)) for key, at in rows.items()}


@cache
def seen_at(place: int, part: Corners | None) -> Floats:
    """The features of a training scene: one picture is asked many things."""
    return features(drawn(scenes()[place]), part)


def features(picture: Picture, part: Corners | None) -> Floats:
    """The picture, or a part of it, at SMALL pixels a side, and how much there is of each colour; both weigh alike."""
    image = Image.fromarray(picture)
    if part is not None:
        image = image.crop(part)
    small = np.asarray(image.resize((SMALL, SMALL), Image.Resampling.BOX), np.float64).ravel() / 255
    shades = np.asarray(image).reshape(-1, 3).astype(np.intp) * SHADES // 256
    counts = np.bincount(shades @ (SHADES**2, SHADES, 1), minlength=SHADES**3)
    return np.concatenate([small / np.sqrt(small.size), counts / counts.sum()])
