"""The questions of the suite: endless and seeded, so that the suite is a seed and some counts, and needs no file."""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TypeGuard

from plait.foundation.unified.worlds import sampling
from plait.foundation.unified.worlds.items import Item, Words, said
from plait.foundation.unified.worlds.sampling import SPLITS, Split
from plait.foundation.unified.worlds.scene import Corners, Scene
from plait.foundation.unified.worlds.task_items import item
from plait.foundation.unified.worlds.wording import LANGUAGES

BLIND = ("restore_text", "draw")  # are shown no picture, so no style or sprite of one can be held out
KINDS = ("locate", "matches", "ask", "restore_text", "draw")  # their words tell kinds of questions, some of them rare
RARE = 10  # each kind is topped up to a tenth of the questions ...
REACH = 16  # ... as far as this many times their number has it


@dataclass(frozen=True)
class Question:
    """`extra` ones are there so that rare kinds have enough to be told by kind; they count for nothing else."""

    item: Item
    scene: Scene
    split: Split
    extra: bool = False

    @property
    def shown(self) -> Scene | None:
        """What a solver draws at the side that it sees; nothing where the task has no picture."""
        return None if self.item.task in BLIND else self.scene


def splits(task: str) -> tuple[Split, ...]:
    return ("seen", "triples") if task in BLIND else SPLITS  # of drawings: the nouns and grounds of such scenes


def questions(task: str, split: Split, count: int, seed: int) -> Iterator[Question]:
    """The first `count` questions, the languages in turn, and extra ones of rare kinds where things are as in training.

    More of them begin with the same. Whoever runs the suite again with the same seed and count asks the same.
    """
    kinds: Counter[str] = Counter()
    rare = count // RARE if split == "seen" and task in KINDS else 0
    for number in range(count * (REACH if rare else 1)):
        drawn = question(task, split, number, seed)
        kinds[drawn.item.kind] += 1
        if number < count:
            yield drawn
        elif kinds[drawn.item.kind] <= rare:
            yield replace(drawn, extra=True)


def question(task: str, split: Split, number: int, seed: int) -> Question:
    """Scenes are drawn until one allows the task."""
    rng = random.Random(f"suite {seed} {task} {split} {number}")
    while True:
        scene = sampling.scene(rng, split)
        asked = item(task, scene, LANGUAGES[number % len(LANGUAGES)], rng)
        if asked is not None:
            return Question(asked, scene, split)


def text(item: Item) -> str:
    """What is asked in words, besides the picture and the region; nothing where that is all."""
    return "\n".join(said(words) for words in item.inputs.values() if is_words(words))


def region(item: Item) -> Corners | None:
    """The part of the picture that is asked about."""
    return next((box for box in item.inputs.values() if is_box(box)), None)


def is_box(value: Words | Corners) -> TypeGuard[Corners]:
    return isinstance(value[0], int)


def is_words(value: Words | Corners) -> TypeGuard[Words]:
    return not is_box(value)
