"""Baselines without a picture: the most frequent answer, overall and for the words of the question."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from plait.foundation.unified.suite.baseline_training import training_items
from plait.foundation.unified.suite.image_baselines import mean_picture
from plait.foundation.unified.suite.questions import question_text
from plait.foundation.unified.suite.solver import Prediction
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.scene import PixelBox, Scene
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS


class MajorityBaseline:
    """The most frequent training answer of the task, language and kind; the mean box for boxes, the mean picture for
    pictures.

    For questions without words the kind is ignored, since it would reveal the content of the picture.
    """

    name = "majority"

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Prediction]:
        if items[0].task in IMAGE_TASKS:
            return [Prediction(mean_picture(*each)) for each in zip(items, scenes, strict=True)]
        return [Prediction(self.answers_by_kind(item.task)[kind_key(item)]) for item in items]

    @cached_property
    def answers_by_kind(self) -> "FrequentAnswers":
        return FrequentAnswers(kind_key)


class QuestionOnlyBaseline(MajorityBaseline):
    """The most frequent training answer for the exact words of the question, else for its kind. It generates no
    pictures.
    """

    name = "blind"

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Prediction]:
        if items[0].task in IMAGE_TASKS:
            return [Prediction(None) for _ in items]
        by_words = self.answers_by_text
        return [
            Prediction(by_words(item.task).get(text_key(item), self.answers_by_kind(item.task)[kind_key(item)]))
            for item in items
        ]

    @cached_property
    def answers_by_text(self) -> "FrequentAnswers":
        return FrequentAnswers(text_key)


def kind_key(item: Item) -> Hashable:
    return item.language, item.kind if question_text(item) else ""


def text_key(item: Item) -> Hashable:
    return item.language, question_text(item) or kind_key(item)


class FrequentAnswers:
    """The most frequent answers of each task by a key of the item."""

    def __init__(self, key: Callable[[Item], Hashable]) -> None:
        self.key = key
        self.tasks: dict[str, dict[Hashable, Answer]] = {}

    def __call__(self, task: str) -> dict[Hashable, Answer]:
        if task not in self.tasks:
            self.tasks[task] = self.count_answers(task)
        return self.tasks[task]

    def count_answers(self, task: str) -> dict[Hashable, Answer]:
        answers: dict[Hashable, list[Answer]] = {}
        for each in training_items(task):
            answers.setdefault(self.key(each.item), []).append(each.item.answer)
        return {key: most_frequent_answer(given_answers) for key, given_answers in answers.items()}


def most_frequent_answer(answers: Sequence[Any]) -> Answer:
    """The most frequent answer; for boxes their mean; for detections the most frequent name at the
    mean of all boxes.
    """
    if isinstance(answers[0], str | bool):
        return Counter(answers).most_common(1)[0][0]
    if isinstance(answers[0][0], int):
        return mean_box(answers)
    things = [thing for answer in answers for thing in answer]
    name = Counter(name for _, name in things).most_common(1)[0][0]
    return ((mean_box([box for box, _ in things]), name),)


def mean_box(boxes: Sequence[PixelBox]) -> PixelBox:
    left, top, right, bottom = np.mean(boxes, axis=0).round().astype(int).tolist()
    return left, top, right, bottom
