"""Items of any task about a scene, in any language."""

import random
from collections.abc import Mapping

from plait.foundation.unified.worlds.captions import describe_item
from plait.foundation.unified.worlds.items import Item, Language
from plait.foundation.unified.worlds.matching import matches_item
from plait.foundation.unified.worlds.painting_items import draw_item, restore_image_item
from plait.foundation.unified.worlds.questions import ask_item
from plait.foundation.unified.worlds.regions import describe_region_item, detect_item, locate_item
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.text_infilling import restore_text_item
from plait.foundation.unified.worlds.wording import LANGUAGES, lexicon_for

TEXT_TASKS = ("locate", "describe_region", "matches", "describe", "ask", "detect", "restore_text")
IMAGE_TASKS = ("draw", "restore_image")  # their answer is a picture
TASKS = (*TEXT_TASKS, *IMAGE_TASKS)
TRIES_PER_ITEM = 8  # maximum samples per item, including duplicates


def make_item(task: str, scene: Scene, language: Language, rng: random.Random) -> Item | None:
    """An item of the task, or None if the scene allows none. Raises ValueError for a task that is not in TASKS."""
    lexicon = lexicon_for(language, scene.wide)
    match task:
        case "locate":
            return locate_item(scene, lexicon, rng)
        case "describe_region":
            return describe_region_item(scene, lexicon, rng)
        case "matches":
            return matches_item(scene, lexicon, rng)
        case "describe":
            return describe_item(scene, lexicon)
        case "ask":
            return ask_item(scene, lexicon, rng)
        case "detect":
            return detect_item(scene, lexicon)
        case "restore_text":
            return restore_text_item(scene, lexicon, rng)
        case "draw":
            return draw_item(scene, lexicon, rng)
        case "restore_image":
            return restore_image_item(scene, lexicon, rng)
    raise ValueError(f"no task of the world is called {task!r}; there are {', '.join(TASKS)}")


def make_items(scene: Scene, count: int, mixture: Mapping[str, float], rng: random.Random) -> list[Item]:
    """`count` distinct items, tasks by weight, half in each language; fewer if the scene does not allow more."""
    tasks, weights = list(mixture), list(mixture.values())
    items: list[Item] = []
    for task in rng.choices(tasks, weights, k=count * TRIES_PER_ITEM):
        item = make_item(task, scene, LANGUAGES[rng.random() < 0.5], rng)
        if item is not None and item not in items:
            items.append(item)
        if len(items) == count:
            break
    return items
