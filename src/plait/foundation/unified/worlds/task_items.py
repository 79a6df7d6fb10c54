"""What is asked about a scene: an item of any task, in any language."""

import random
from collections.abc import Mapping

from plait.foundation.unified.worlds.captions import described
from plait.foundation.unified.worlds.items import Item, Language
from plait.foundation.unified.worlds.matching import matched
from plait.foundation.unified.worlds.painting_items import drawing, restoring
from plait.foundation.unified.worlds.questions import question
from plait.foundation.unified.worlds.regions import detected, located, region
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.text_infilling import restored
from plait.foundation.unified.worlds.wording import LANGUAGES, voice

WRITTEN = ("locate", "describe_region", "matches", "describe", "ask", "detect", "restore_text")
PAINTED = ("draw", "restore_image")  # whose answer is a picture
TASKS = (*WRITTEN, *PAINTED)
TRIES = 8  # for each item wanted: how often another may be drawn in place of one that there is already


def item(task: str, scene: Scene, language: Language, rng: random.Random) -> Item | None:
    """An item of the task, or None where the scene offers none. Raises ValueError for a task that is not in TASKS."""
    speaking = voice(language, scene.wide)
    match task:
        case "locate":
            return located(scene, speaking, rng)
        case "describe_region":
            return region(scene, speaking, rng)
        case "matches":
            return matched(scene, speaking, rng)
        case "describe":
            return described(scene, speaking)
        case "ask":
            return question(scene, speaking, rng)
        case "detect":
            return detected(scene, speaking)
        case "restore_text":
            return restored(scene, speaking, rng)
        case "draw":
            return drawing(scene, speaking, rng)
        case "restore_image":
            return restoring(scene, speaking, rng)
    raise ValueError(f"no task of the world is called {task!r}; there are {', '.join(TASKS)}")


def items(scene: Scene, count: int, mixture: Mapping[str, float], rng: random.Random) -> list[Item]:
    """`count` different items, tasks by weight, half of them in each language; fewer where the scene offers no more."""
    tasks, weights = list(mixture), list(mixture.values())
    found: list[Item] = []
    for task in rng.choices(tasks, weights, k=count * TRIES):
        drawn = item(task, scene, LANGUAGES[rng.random() < 0.5], rng)
        if drawn is not None and drawn not in found:
            found.append(drawn)
        if len(found) == count:
            break
    return found
