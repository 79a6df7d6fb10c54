"""What is asked about which scene, what was answered, and whether that is true of the scene."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from PIL import Image as Pillow

from plait.core.errors import PlaitError
from plait.foundation.unified.metrics import boxes
from plait.foundation.unified.metrics.image_similarity import Picture
from plait.foundation.unified.suite.questions import BLIND, is_box, splits, text
from plait.foundation.unified.suite.solver import Said, Solver
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.rendering import drawn
from plait.foundation.unified.worlds.sampling import Split, scene
from plait.foundation.unified.worlds.scene import SIDE, Corners, Scene
from plait.foundation.unified.worlds.task_items import PAINTED, TASKS, item
from plait.foundation.unified.worlds.wording import LANGUAGES
from plait.types.box.value import Box
from plait.types.image.image import Image
from tools.gallery import painting
from tools.gallery.table import Cell, Row

UNSEEN: tuple[Split, ...] = ("style", "triples")
PAINTED_IN: tuple[Split, ...] = ("triples",)
OVERLAP = 0.5  # from here on a box is right, as in the suite
PAINTED_BY = 1  # the seed of what is painted
THINGS = 3  # in each scene: with one, nothing has to be told apart


@dataclass(frozen=True)
class Question:
    """One scene, and a task's items about it in each language."""

    task: str
    split: Split
    scene: Scene | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class Answered:
    question: Question
    said: tuple[Answer | Picture | None, ...]

    @property
    def pictured(self) -> bool:
        """Whether there is a picture to show."""
        return self.question.scene is not None or self.question.task in PAINTED

    @property
    def told(self) -> Row:
        question = self.question
        cells = tuple(cell(*each) for each in zip(question.items, self.said, strict=True))
        return Row(question.task, question.split, self.pictured, cells)


@dataclass
class FrontDoor:
    """A model by its name, asked by calling the tasks."""

    name: str

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Said]:
        return [Said(self.answer(*each)) for each in zip(items, scenes, strict=True)]

    def answer(self, item: Item, scene: Scene | None) -> Answer | Picture | None:
        """None where it gave no whole answer."""
        task = getattr(import_module(f"plait.tasks.{item.task}"), item.task)
        side = painting.SIDE if item.task in PAINTED else SIDE
        inputs: dict[str, Any] = {} if scene is None else {"picture": Image(Pillow.fromarray(drawn(scene, side)))}
        for name, value in item.inputs.items():
            inputs[name] = Box(*(round(each * side / SIDE) for each in value)) if is_box(value) else text(item)
        try:
            using = task.using(self.name, wording="zh" if item.language == "zh" else None, seed=PAINTED_BY)
            return of_world(using(**inputs))
        except PlaitError as error:
            if type(error).__name__ != "InvalidAnswer":
                raise
            return None


def of_world(value: Any) -> Answer | Picture:
    """A task's answer as the world has it."""
    if isinstance(value, Image):
        return np.asarray(value.pil.convert("RGB"))
    if isinstance(value, Box):
        return corners(value)
    if isinstance(value, list):
        return tuple((corners(each.where), each.what) for each in value)
    return value


def corners(box: Box) -> Corners:
    return box.x0, box.y0, box.x1, box.y1


def asked(seed: int) -> Iterator[Question]:
    for number, task in enumerate(TASKS):
        # What is painted is looked at by the judge, who knows an unseen style no better.
        known = PAINTED_IN if task in PAINTED else UNSEEN
        unseen: list[Split] = [each for each in known if each in splits(task)]
        split = unseen[number % len(unseen)]
        rng = random.Random(f"gallery {seed} {task}")
        yield first(task, split, rng)


def first(task: str, split: Split, rng: random.Random) -> Question:
    while True:
        about = scene(rng, split, THINGS)
        items = [item(task, about, language, rng) for language in LANGUAGES]
        whole = tuple(each for each in items if each is not None)
        if len(whole) == len(items):
            return Question(task, split, None if task in BLIND else about, whole)


def answered(question: Question, solver: Solver) -> Answered:
    said = solver.answers(question.items, [question.scene] * len(question.items))
    return Answered(question, tuple(each.answer for each in said))


def right(item: Item, answer: Any) -> bool:
    """Boxes by their overlap and name, all else to the letter."""
    if answer is None:
        return False
    if item.task in PAINTED:
        return painting.right(item, answer)
    if item.task == "locate":
        return boxes.grounding(answer, item.answer)["IoU"] >= OVERLAP  # type: ignore[arg-type]
    if item.task == "detect":
        found = boxes.found(answer, item.answer, OVERLAP, names=True)  # type: ignore[arg-type]
        return found.right == found.said == found.there
    return answer == item.answer


def cell(item: Item, answer: Any) -> Cell:
    called = f'{item.task}(picture, "{text(item)}")' if text(item) else f"{item.task}(picture)"
    if item.task in BLIND:
        called = f'{item.task}("{text(item)}")'
    if item.task in ("describe_region", "restore_image"):
        called = f"{item.task}(picture, {'hole' if item.task in PAINTED else 'region'})"
    fine = right(item, answer)
    instead = "the dashed box" if item.task == "locate" else meant(item)
    return Cell(item.language, called, spelled(item, answer), fine, "" if fine else instead)


def meant(item: Item) -> str:
    return painting.meant(item) if item.task in PAINTED else spelled(item, item.answer)


def spelled(item: Item, answer: Any) -> str:
    if answer is None:
        return "no whole answer"
    if item.task in PAINTED:
        return painting.seen(item, answer)
    if item.task == "locate":
        return f"a box that overlaps by {boxes.grounding(answer, item.answer)['IoU']:.2f}"  # type: ignore[arg-type]
    if item.task == "detect":
        return " · ".join(name for _, name in answer) or "nothing"
    return str(answer)
