"""Baseline without a model: the answer of the nearest training picture."""

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from PIL import Image

from plait.foundation.unified.metrics.bootstrap import Floats
from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.suite.baseline_training import training_items, training_scenes
from plait.foundation.unified.suite.image_baselines import nearest_picture
from plait.foundation.unified.suite.question_only_baseline import QuestionOnlyBaseline, kind_key, text_key
from plait.foundation.unified.suite.questions import question_region
from plait.foundation.unified.suite.solver import Prediction
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.scene import PixelBox, Scene
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS

THUMBNAIL_SIDE = 8  # pixels per side of a thumbnail
BINS_PER_CHANNEL = 4  # histogram bins per channel


class NearestImageBaseline:
    """Answers as the nearest training picture that was asked the same words, or else a question of the same kind. A
    region is compared separately. Without a picture it equals the `blind` baseline.
    """

    name = "nearest"

    def __init__(self) -> None:
        self.indexes: dict[str, dict[Hashable, FeatureIndex]] = {}

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Prediction]:
        if items[0].task in IMAGE_TASKS:
            return [Prediction(nearest_picture(*each)) for each in zip(items, scenes, strict=True)]
        blind = self.question_only.answers(items, scenes)
        rows = zip(items, scenes, blind, strict=True)
        return [
            question_only if scene is None else Prediction(self.answer(item, render_scene(scene)))
            for item, scene, question_only in rows
        ]

    @cached_property
    def question_only(self) -> QuestionOnlyBaseline:
        return QuestionOnlyBaseline()

    def answer(self, item: Item, picture: PixelArray) -> Answer:
        if item.task not in self.indexes:
            self.indexes[item.task] = build_indexes(item.task)
        indexes = self.indexes[item.task]
        index = indexes.get(("words", text_key(item))) or indexes["kind", kind_key(item)]
        return index.nearest_answer(picture_features(picture, question_region(item)))


@dataclass(frozen=True, eq=False)
class FeatureIndex:
    """Features of a group of training questions, (questions, features), and their answers."""

    features: Floats
    answers: tuple[Answer, ...]

    def nearest_answer(self, features: Floats) -> Answer:
        return self.answers[int(np.square(self.features - features).sum(1).argmin())]


def build_indexes(task: str) -> dict[Hashable, FeatureIndex]:
    """Indexes by the words of the question, and by its kind."""
    rows: dict[Hashable, list[int]] = {}
    questions = training_items(task)
    for row, each in enumerate(questions):
        rows.setdefault(("words", text_key(each.item)), []).append(row)
        rows.setdefault(("kind", kind_key(each.item)), []).append(row)
    features = np.stack([scene_features(each.scene_index, question_region(each.item)) for each in questions])
    return {
        key: FeatureIndex(features[at], tuple(questions[row].item.answer for row in at)) for key, at in rows.items()
    }


@cache
def scene_features(scene_index: int, box: PixelBox | None) -> Floats:
    """Features of a training scene, cached because several questions share a picture."""
    return picture_features(render_scene(training_scenes()[scene_index]), box)


def picture_features(picture: PixelArray, box: PixelBox | None) -> Floats:
    """A thumbnail of the picture or its region, THUMBNAIL_SIDE pixels per side, and a colour histogram, equally
    weighted.
    """
    image = Image.fromarray(picture)
    if box is not None:
        image = image.crop(box)
    thumbnail = (
        np.asarray(image.resize((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.BOX), np.float64).ravel() / 255
    )
    shades = np.asarray(image).reshape(-1, 3).astype(np.intp) * BINS_PER_CHANNEL // 256
    counts = np.bincount(shades @ (BINS_PER_CHANNEL**2, BINS_PER_CHANNEL, 1), minlength=BINS_PER_CHANNEL**3)
    return np.concatenate([thumbnail / np.sqrt(thumbnail.size), counts / counts.sum()])
