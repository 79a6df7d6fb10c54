"""The gallery asks every model the same questions and marks answers as right or wrong by the scene."""

import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as Pillow

from plait import Box, engine
from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.suite.questions import TASKS_WITHOUT_PICTURE
from plait.foundation.unified.suite.solver import Prediction
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS, TASKS
from plait.tasks.describe import describe
from plait.tasks.detect import Found, detect
from plait.tasks.locate import locate
from tools.gallery.__main__ import SEED, write_gallery
from tools.gallery.drawing import ENLARGEMENT
from tools.gallery.painting import GAP
from tools.gallery.questions import SceneQuestion, TaskCallSolver, answer_question, is_right, scene_questions
from tools.gallery.table import table


@dataclass(frozen=True)
class FixedSolver:
    """Gives the right answer to every question, or a wrong one."""

    truly: bool
    name: str = "fixed"

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Prediction]:
        return [Prediction(truth(each.answer) if self.truly else wrong(each.answer)) for each in items]


def truth(answer: Answer) -> Answer | PixelArray:
    return render_scene(answer, 128) if isinstance(answer, Scene) else answer


def wrong(answer: Answer) -> Answer | PixelArray | None:
    match answer:
        case Scene():
            return np.full((128, 128, 3), 90, np.uint8)
        case bool():
            return not answer
        case str():
            return None
        case (int(), *_):
            return (0, 0, 1, 1)
    return answer[1:]


QUESTIONS = list(scene_questions(SEED))


def test_each_task_is_asked_in_both_languages_about_held_out_scenes() -> None:
    assert [each.task for each in QUESTIONS] == list(TASKS)
    assert {each.split for each in QUESTIONS} == {"style", "triples"}
    assert all([item.language for item in each.items] == ["en", "zh"] for each in QUESTIONS)
    assert [each.task for each in QUESTIONS if each.scene is None] == list(TASKS_WITHOUT_PICTURE)


def test_the_same_seed_gives_the_same_questions() -> None:
    assert [each.items for each in scene_questions(SEED)] == [each.items for each in QUESTIONS]
    assert [each.items for each in scene_questions(SEED + 1)] != [each.items for each in QUESTIONS]


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda each: each.task)
def test_only_the_true_answer_is_scored_as_correct(question: SceneQuestion) -> None:
    for item in question.items:
        assert (
            is_right(item, truth(item.answer)) and not is_right(item, wrong(item.answer)) and not is_right(item, None)
        )
    cells = answer_question(question, FixedSolver(truly=True)).table_row.cells
    assert all(each.right and not each.instead for each in cells)
    cells = answer_question(question, FixedSolver(truly=False)).table_row.cells
    assert all(not each.right and each.instead for each in cells)


def test_an_object_that_is_not_in_the_scene_makes_a_detection_wrong() -> None:
    (item, _) = next(each for each in QUESTIONS if each.task == "detect").items
    (box, name), *_ = item.answer  # type: ignore[misc]
    assert not is_right(item, (*item.answer, (box, name)))  # type: ignore[misc]
    assert not is_right(item, tuple((box, "a thing") for box, _ in item.answer))  # type: ignore[misc, union-attr]


@pytest.fixture(scope="module")
def gallery_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("fc-match") is None:
        pytest.skip("no fontconfig on this machine")
    folder = tmp_path_factory.mktemp("docs")
    write_gallery(folder, FixedSolver(truly=False))
    return folder


def test_the_page_has_a_row_for_each_task_with_its_picture(gallery_folder: Path) -> None:
    page = (gallery_folder / "gallery.md").read_text("utf-8")
    assert "`fixed`" in page and "0 of 18 are right" in page and page.count("✗") == 18
    for task in (each.task for each in QUESTIONS if each.scene is not None or each.task in IMAGE_TASKS):
        assert f'src="gallery/{task}.webp"' in page
        with Pillow.open(gallery_folder / "gallery" / f"{task}.webp") as picture:
            # Generated pictures are side by side: English, Chinese, and before them the picture with its hole.
            picture_count = {"draw": 2, "restore_image": 3}.get(task, 1)
            assert picture.size == (
                CANVAS_SIDE * ENLARGEMENT * picture_count + GAP * (picture_count - 1),
                CANVAS_SIDE * ENLARGEMENT,
            )
            assert picture.mode == "RGBA"


def test_another_page_may_show_a_part_of_the_gallery(gallery_folder: Path) -> None:
    _, _, *rows = table(gallery_folder / "gallery", "docs/gallery/", ("locate", "detect"))
    assert len(rows) == 2 and all('src="docs/gallery/' in row and row.count("✗") == 2 for row in rows)


def test_a_model_answers_through_the_public_tasks_and_is_compared_with_the_scene() -> None:
    by_task = {each.task: each for each in QUESTIONS}
    box = (1, 2, 30, 40)
    script = {
        locate: Box(*box),
        detect: [Found(what="cat", where=Box(*box))],
        describe: "a cat",
    }
    expected = {"locate": box, "detect": ((box, "cat"),), "describe": "a cat"}
    with engine.scripted(script):
        for task, answer in expected.items():
            question = by_task[task]
            predictions = TaskCallSolver("").answers(question.items, [question.scene] * 2)
            assert [each.answer for each in predictions] == [answer, answer]
