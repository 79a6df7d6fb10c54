"""What can be answered without looking: always the same, and what the question alone suggests."""

from collections import Counter
from collections.abc import Callable, Hashable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from plait.foundation.unified.suite.baseline_training import known
from plait.foundation.unified.suite.image_baselines import mean_picture
from plait.foundation.unified.suite.questions import text
from plait.foundation.unified.suite.solver import Said
from plait.foundation.unified.worlds.items import Answer, Item
from plait.foundation.unified.worlds.scene import Corners, Scene
from plait.foundation.unified.worlds.task_items import PAINTED


class Majority:
    """The commonest answer in training to questions of that task, language and kind; for boxes the mean box, for
    pictures the mean picture.

    Where nothing is asked in words, the kind would tell what is in the picture, and does not count.
    """

    name = "majority"

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Said]:
        if items[0].task in PAINTED:
            return [Said(mean_picture(*each)) for each in zip(items, scenes, strict=True)]
        return [Said(self.by_kind(item.task)[kind_of(item)]) for item in items]

    @cached_property
    def by_kind(self) -> "Table":
        return Table(kind_of)


class Blind(Majority):
    """The commonest answer in training to the very words of the question; if they never came up, that of the kind. It
    paints nothing of its own.
    """

    name = "blind"

    def answers(self, items: Sequence[Item], scenes: Sequence[Scene | None]) -> list[Said]:
        if items[0].task in PAINTED:
            return [Said(None) for _ in items]
        by_words = self.by_words
        return [Said(by_words(item.task).get(words_of(item), self.by_kind(item.task)[kind_of(item)])) for item in items]

    @cached_property
    def by_words(self) -> "Table":
        return Table(words_of)


def kind_of(item: Item) -> Hashable:
    return item.language, item.kind if text(item) else ""


def words_of(item: Item) -> Hashable:
    return item.language, text(item) or kind_of(item)


class Table:
    """The commonest answer of each task by some key."""

    def __init__(self, key: Callable[[Item], Hashable]) -> None:
        self.key = key
        self.tasks: dict[str, dict[Hashable, Answer]] = {}

    def __call__(self, task: str) -> dict[Hashable, Answer]:
        if task not in self.tasks:
            self.tasks[task] = self.of(task)
        return self.tasks[task]

    def of(self, task: str) -> dict[Hashable, Answer]:
        answers: dict[Hashable, list[Answer]] = {}
        for each in known(task):
            answers.setdefault(self.key(each.item), []).append(each.item.answer)
        return {key: commonest(those) for key, those in answers.items()}


def commonest(answers: Sequence[Any]) -> Answer:
    """Of boxes the mean; of things found one of the commonest name, where things are on the whole."""
    if isinstance(answers[0], str | bool):
        return Counter(answers).most_common(1)[0][0]
    if isinstance(answers[0][0], int):
        return mean_box(answers)
    things = [thing for answer in answers for thing in answer]
    name = Counter(name for _, name in things).most_common(1)[0][0]
    return ((mean_box([box for box, _ in things]), name),)


def mean_box(boxes: Sequence[Corners]) -> Corners:
    left, top, right, bottom = np.mean(boxes, axis=0).round().astype(int).tolist()
    return left, top, right, bottom
