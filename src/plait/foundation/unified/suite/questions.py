"""The questions of the suite: endless and seeded, so that the suite is a seed and some counts, and needs no file."""

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

TASKS_WITHOUT_PICTURE = ("restore_text", "draw")  # are shown no picture, so no style or sprite of one can be held out
TASKS_WITH_KINDS = (
    "locate",
    "matches",
    "ask",
    "restore_text",
    "draw",
)  # their words tell kinds of questions, some of them rare
RARE_KIND_FRACTION = 10  # each kind is topped up to a tenth of the questions ...
MAX_SEARCH_FACTOR = 16  # ... as far as this many times their number has it


@dataclass(frozen=True)
class SuiteQuestion:
    """`extra` ones are there so that rare kinds have enough to be told by kind; they count for nothing else."""

    item: Item
    scene: Scene
    split: Split
    extra: bool = False

    @property
    def visible_scene(self) -> Scene | None:
        """What a solver draws at the side that it sees; nothing where the task has no picture."""
        return None if self.item.task in TASKS_WITHOUT_PICTURE else self.scene


def task_splits(task: str) -> tuple[Split, ...]:
    return (
        ("seen", "triples") if task in TASKS_WITHOUT_PICTURE else SPLITS
    )  # of drawings: the nouns and grounds of such scenes


def sample_questions(task: str, split: Split, count: int, seed: int) -> Iterator[SuiteQuestion]:
    """The first `count` questions, the languages in turn, and extra ones of rare kinds where things are as in training.

    More of them begin with the same. Whoever runs the suite again with the same seed and count asks the same.
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
    """Scenes are drawn until one allows the task."""
    rng = random.Random(f"suite {seed} {task} {split} {number}")
    while True:
        scene = sampling.sample_scene(rng, split)
        item = make_item(task, scene, LANGUAGES[number % len(LANGUAGES)], rng)
        if item is not None:
            return SuiteQuestion(item, scene, split)


def question_text(item: Item) -> str:
    """What is asked in words, besides the picture and the region; nothing where that is all."""
    return "\n".join(spans_text(spans) for spans in item.inputs.values() if is_spans(spans))


def question_region(item: Item) -> PixelBox | None:
    """The part of the picture that is asked about."""
    return next((box for box in item.inputs.values() if is_box(box)), None)


def is_box(value: Spans | PixelBox) -> TypeGuard[PixelBox]:
    return isinstance(value[0], int)


def is_spans(value: Spans | PixelBox) -> TypeGuard[Spans]:
    return not is_box(value)
