"""Training data of the baselines: thousands of questions with the distribution of training, each scene asked every
task.
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from plait.foundation.unified.worlds import sampling
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.task_items import make_item
from plait.foundation.unified.worlds.wording import LANGUAGES

SCENES = 4_000


@dataclass(frozen=True)
class TrainingItem:
    """A training question and the index of its scene in `training_scenes`."""

    item: Item
    scene_index: int


@cache
def training_scenes() -> tuple[Scene, ...]:
    rng = random.Random("what baselines learn from")
    return tuple(sampling.sample_scene(rng) for _ in range(SCENES))


@cache
def training_items(task: str) -> tuple[TrainingItem, ...]:
    return tuple(sample_training_items(task))


def sample_training_items(task: str) -> Iterator[TrainingItem]:
    rng = random.Random(f"what baselines learn from: {task}")
    for scene_index, scene in enumerate(training_scenes()):
        for language in LANGUAGES:
            item = make_item(task, scene, language, rng)
            if item is not None:
                yield TrainingItem(item, scene_index)
