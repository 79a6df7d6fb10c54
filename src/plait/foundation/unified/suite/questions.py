"""Questions of the suite: unlimited and seeded, so that the suite is a seed and counts, without a file."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

from plait.foundation.unified.worlds import sampling
from plait.foundation.unified.worlds.items import Item, Spans, spans_text
from plait.foundation.unified.worlds.sampling import SPLITS, Split
from plait.foundation.unified.worlds.scene import PixelBox, Scene
from plait.foundation.unified.worlds.task_items import make_item
from plait.foundation.unified.worlds.wording import LANGUAGES

TASKS_WITHOUT_PICTURE = ("restore_text", "draw")  # they have no picture, so no style or sprite is held out
TASKS_WITH_KINDS = (
    "locate",
    "matches",
    "ask",
    "restore_text",
    "draw",
)  # tasks with several kinds of questions, some of them rare
RARE_KIND_FRACTION = 10  # each kind is filled up to a tenth of the questions ...
MAX_SEARCH_FACTOR = 16  # ... if it occurs among this many times their number


@dataclass(frozen=True)
class SuiteQuestion:
    """`extra` questions fill up rare kinds for the scores by kind; they are excluded from all other scores."""

    item: Item
    scene: Scene
    split: Split
    extra: bool = False

    @property
    def visible_scene(self) -> Scene | None:
        """The scene that a solver may render and look at; None for a task without a picture."""
        return None if self.item.task in TASKS_WITHOUT_PICTURE else self.scene


def task_splits(task: str) -> tuple[Split, ...]:
    return (
        ("seen", "triples") if task in TASKS_WITHOUT_PICTURE else SPLITS
    )  # drawings: only nouns and backgrounds can be held out


def sample_questions(task: str, split: Split, count: int, seed: int) -> Iterator[SuiteQuestion]:
    """The first `count` questions, languages alternating, and in the split `seen` extra questions of rare kinds.

    Deterministic in seed and count; a larger count starts with the same questions.
    """
    kinds: Counter[str] = Counter()
    rare = count // RARE_KIND_FRACTION if split == "seen" and task in TASKS_WITH_KINDS else 0
    for number in range(count * (MAX_SEARCH_FACTOR if rare else 1)):
        question = sample_question(task, split, number, seed)
        kinds[question.item.kind] += 1
        if number < count:
            yield question
        elif kinds[question.item.kind] <= rare:
            yield replace(question, extra=True)


def sample_question(task: str, split: Split, number: int, seed: int) -> SuiteQuestion:
    """Samples scenes until one allows the task."""
    rng = random.Random(f"suite {seed} {task} {split} {number}")
    while True:
        scene = sampling.sample_scene(rng, split)
        item = make_item(task, scene, LANGUAGES[number % len(LANGUAGES)], rng)
        if item is not None:
            return SuiteQuestion(item, scene, split)


def question_text(item: Item) -> str:
    """The words of the question; empty if the inputs are only a picture and a region."""
    return "\n".join(spans_text(spans) for spans in item.inputs.values() if is_spans(spans))


def question_region(item: Item) -> PixelBox | None:
    """The region input of the question, None without one."""
    return next((box for box in item.inputs.values() if is_box(box)), None)


def is_box(value: Spans | PixelBox) -> TypeGuard[PixelBox]:
    return isinstance(value[0], int)


def is_spans(value: Spans | PixelBox) -> TypeGuard[Spans]:
    return not is_box(value)
