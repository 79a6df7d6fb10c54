"""What the trivial baselines learn from: thousands of questions as training draws them, each scene asked everything."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from plait.foundation.unified.worlds import sampling
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.task_items import item
from plait.foundation.unified.worlds.wording import LANGUAGES

SCENES = 4_000


@dataclass(frozen=True)
class Known:
    """An item of the scene at that place."""

    item: Item
    place: int


@cache
def scenes() -> tuple[Scene, ...]:
    rng = random.Random("what baselines learn from")
    return tuple(sampling.scene(rng) for _ in range(SCENES))


@cache
def known(task: str) -> tuple[Known, ...]:
    return tuple(drawn(task))


def drawn(task: str) -> Iterator[Known]:
    rng = random.Random(f"what baselines learn from: {task}")
    for place, scene in enumerate(scenes()):
        for language in LANGUAGES:
            found = item(task, scene, language, rng)
            if found is not None:
                yield Known(found, place)
