"""What is asked about which scene, what was answered, and whether that is true of the scene."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from PIL import Image as Pillow

from plait.core.errors import PlaitError
from plait.foundation.data.worlds.asked import TASKS, item
from plait.foundation.data.worlds.drawing import drawn
from plait.foundation.data.worlds.items import Answer, Item
from plait.foundation.data.worlds.sampling import Split, scene
from plait.foundation.data.worlds.saying import LANGUAGES
from plait.foundation.data.worlds.scene import Corners, Scene
from plait.foundation.evaluation import boxes
from plait.foundation.evaluation.questions import BLIND, is_box, splits, text
from plait.foundation.evaluation.solver import Said, Solver
from plait.modalities.box.value import Box
from plait.modalities.image.image import Image
from tools.gallery.table import Cell, Row

UNSEEN: tuple[Split, ...] = ("style", "triples")
OVERLAP = 0.5  # from here on a box is right, as in the suite
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
    said: tuple[Answer | None, ...]

    @property
    def told(self) -> Row:
        question = self.question
        cells = tuple(cell(*each) for each in zip(question.items, self.said, strict=True))
        return Row(question.task, question.split, question.scene is not None, cells)


@dataclass
class FrontDoor:
    """A model by its name, asked by calling the tasks."""

    name: str

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Said]:
        return [Said(self.answer(*each)) for each in zip(items, scenes, strict=True)]

    def answer(self, item: Item, scene: Scene | None) -> Answer | None:
        """None where it gave no whole answer."""
        task = getattr(import_module(f"plait.tasks.{item.task}"), item.task)
        inputs: dict[str, Any] = {} if scene is None else {"picture": Image(Pillow.fromarray(drawn(scene)))}
        for name, value in item.inputs.items():
            inputs[name] = Box(*value) if is_box(value) else text(item)
        try:
            return of_world(task.using(self.name, wording="zh" if item.language == "zh" else None)(**inputs))
        except PlaitError as error:
            if type(error).__name__ != "InvalidAnswer":
                raise
            return None


def of_world(value: Any) -> Answer:
    """A task's answer as the world has it."""
    if isinstance(value, Box):
        return corners(value)
    if isinstance(value, list):
        return tuple((corners(each.where), each.what) for each in value)
    return value


def corners(box: Box) -> Corners:
    return box.x0, box.y0, box.x1, box.y1


def asked(seed: int) -> Iterator[Question]:
    for number, task in enumerate(TASKS):
        unseen: list[Split] = [each for each in UNSEEN if each in splits(task)]
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
    if item.task == "describe_region":
        called = f"{item.task}(picture, region)"
    fine = right(item, answer)
    instead = "the dashed box" if item.task == "locate" else spelled(item, item.answer)
    return Cell(item.language, called, spelled(item, answer), fine, "" if fine else instead)


def spelled(item: Item, answer: Any) -> str:
    if answer is None:
        return "no whole answer"
    if item.task == "locate":
        return f"a box that overlaps by {boxes.grounding(answer, item.answer)['IoU']:.2f}"  # type: ignore[arg-type]
    if item.task == "detect":
        return " · ".join(name for _, name in answer) or "nothing"
    return str(answer)
