"""Questions about scenes, the answers of a model, and whether they are right."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from PIL import Image as Pillow

from plait.core.errors import PlaitError
from plait.foundation.unified.metrics import boxes
from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.suite.questions import TASKS_WITHOUT_PICTURE, is_box, question_text, task_splits
from plait.foundation.unified.suite.solver import Prediction, Solver
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import Split, sample_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS, TASKS, make_item
from plait.foundation.unified.worlds.wording import LANGUAGES
from plait.types.box import Box
from plait.types.image import Image
from tools.gallery import painting
from tools.gallery.table import GalleryCell, GalleryRow

UNSEEN_SPLITS: tuple[Split, ...] = ("style", "triples")
PAINTING_SPLITS: tuple[Split, ...] = ("triples",)
MIN_IOU = 0.5  # at which a box counts as right, as in the suite
PAINTING_SEED = 1  # seed of generated pictures
THINGS_PER_SCENE = 3  # with one object, the model would not have to distinguish any


@dataclass(frozen=True)
class SceneQuestion:
    """One scene, and a task's items about it in each language."""

    task: str
    split: Split
    scene: Scene | None
    items: tuple[Item, ...]


@dataclass(frozen=True)
class GalleryAnswer:
    question: SceneQuestion
    answers: tuple[Answer | PixelArray | None, ...]

    @property
    def has_image(self) -> bool:
        """Whether the page shows a picture for this row."""
        return self.question.scene is not None or self.question.task in IMAGE_TASKS

    @property
    def table_row(self) -> GalleryRow:
        question = self.question
        cells = tuple(make_cell(*each) for each in zip(question.items, self.answers, strict=True))
        return GalleryRow(question.task, question.split, self.has_image, cells)


@dataclass
class TaskCallSolver:
    """Answers through the public tasks, with the model of this name."""

    name: str

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Prediction]:
        return [Prediction(self.answer(*each)) for each in zip(items, scenes, strict=True)]

    def answer(self, item: Item, scene: Scene | None) -> Answer | PixelArray | None:
        """None if the model gave no complete answer."""
        task = getattr(import_module(f"plait.tasks.{item.task}"), item.task)
        side = painting.SIDE if item.task in IMAGE_TASKS else CANVAS_SIDE
        inputs: dict[str, Any] = (
            {} if scene is None else {"picture": Image(Pillow.fromarray(render_scene(scene, side)))}
        )
        for name, value in item.inputs.items():
            inputs[name] = (
                Box(*(round(each * side / CANVAS_SIDE) for each in value)) if is_box(value) else question_text(item)
            )
        try:
            using = task.using(self.name, wording="zh" if item.language == "zh" else None, seed=PAINTING_SEED)
            return to_world_answer(using(**inputs))
        except PlaitError as error:
            if type(error).__name__ != "InvalidAnswer":
                raise
            return None


def to_world_answer(value: Any) -> Answer | PixelArray:
    """Converts a task's answer to the form of the scene's own answers."""
    if isinstance(value, Image):
        return np.asarray(value.pil.convert("RGB"))
    if isinstance(value, Box):
        return corners(value)
    if isinstance(value, list):
        return tuple((corners(each.where), each.what) for each in value)
    return value


def corners(box: Box) -> PixelBox:
    return box.x0, box.y0, box.x1, box.y1


def scene_questions(seed: int) -> Iterator[SceneQuestion]:
    for number, task in enumerate(TASKS):
        # The judge evaluates generated pictures, and it was not trained on unseen styles either.
        candidate_splits = PAINTING_SPLITS if task in IMAGE_TASKS else UNSEEN_SPLITS
        unseen: list[Split] = [each for each in candidate_splits if each in task_splits(task)]
        split = unseen[number % len(unseen)]
        rng = random.Random(f"gallery {seed} {task}")
        yield first_question(task, split, rng)


def first_question(task: str, split: Split, rng: random.Random) -> SceneQuestion:
    while True:
        scene = sample_scene(rng, split, THINGS_PER_SCENE)
        items = [make_item(task, scene, language, rng) for language in LANGUAGES]
        complete = tuple(each for each in items if each is not None)
        if len(complete) == len(items):
            return SceneQuestion(task, split, None if task in TASKS_WITHOUT_PICTURE else scene, complete)


def answer_question(question: SceneQuestion, solver: Solver) -> GalleryAnswer:
    predictions = solver.answers(question.items, [question.scene] * len(question.items))
    return GalleryAnswer(question, tuple(each.answer for each in predictions))


def is_right(item: Item, answer: Any) -> bool:
    """Compares boxes by overlap and name, generated pictures by the judge, anything else by equality."""
    if answer is None:
        return False
    if item.task in IMAGE_TASKS:
        return painting.is_right(item, answer)
    if item.task == "locate":
        return boxes.grounding_scores(answer, item.answer)["IoU"] >= MIN_IOU  # type: ignore[arg-type]
    if item.task == "detect":
        counts = boxes.match_counts(answer, item.answer, MIN_IOU, match_names=True)  # type: ignore[arg-type]
        return counts.num_matched == counts.num_predicted == counts.num_references
    return answer == item.answer


def make_cell(item: Item, answer: Any) -> GalleryCell:
    call = f'{item.task}(picture, "{question_text(item)}")' if question_text(item) else f"{item.task}(picture)"
    if item.task in TASKS_WITHOUT_PICTURE:
        call = f'{item.task}("{question_text(item)}")'
    if item.task in ("describe_region", "restore_image"):
        call = f"{item.task}(picture, {'hole' if item.task in IMAGE_TASKS else 'region'})"
    correct = is_right(item, answer)
    instead = "the dashed box" if item.task == "locate" else reference_text(item)
    return GalleryCell(item.language, call, answer_text(item, answer), correct, "" if correct else instead)


def reference_text(item: Item) -> str:
    return painting.reference_text(item) if item.task in IMAGE_TASKS else answer_text(item, item.answer)


def answer_text(item: Item, answer: Any) -> str:
    if answer is None:
        return "no whole answer"
    if item.task in IMAGE_TASKS:
        return painting.judge_text(item, answer)
    if item.task == "locate":
        return f"a box with IoU {boxes.grounding_scores(answer, item.answer)['IoU']:.2f}"  # type: ignore[arg-type]
    if item.task == "detect":
        return " · ".join(name for _, name in answer) or "nothing"
    return str(answer)
