"""Examples: what the model reads and writes, as ids, and what of the picture each id is about."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import cast

from plait.core.task.declaration import Declaration
from plait.foundation.cards.instruction import placed
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.worlds.items import Item, Words
from plait.foundation.unified.worlds.scene import SIDE, Corners, Scene
from plait.types.box.frames import BINS

Things = tuple[int, ...]
Named = list[tuple[int, Things | None]]  # ids, each with the things it is about
WORDING = {"en": "", "zh": "zh"}
SUMMED_UP = ("locate",)  # tasks whose answer is about what a phrase names


@dataclass(frozen=True)
class Example:
    """`names` tells for each source id the things it names: None where it names nothing, () what is absent. `about`
    tells for each target id the things to look at when it is written.
    """

    task: str
    source: tuple[int, ...]
    names: tuple[Things | None, ...]
    target: tuple[int, ...]
    about: tuple[Things | None, ...]


def example(item: Item, vocabulary: Vocabulary) -> Example:
    """An item of a world, in the task's own words."""
    wording = declared(item.task).wordings[WORDING[item.language]][0]
    named: dict[str, Named] = {slot: read(value, item, vocabulary) for slot, value in item.inputs.items()}
    pairs = placed(
        wording,
        lambda slot: named.get(slot, [(vocabulary.picture, None)]),
        lambda words: [(id, None) for id in words],
        vocabulary,
    )
    if item.task in SUMMED_UP:
        pairs = summed_up(pairs, item.target)
    return Example(item.task, *columns(pairs), *columns(written(item, vocabulary)))


def summed_up(pairs: Named, target: Things) -> Named:
    """The id behind the last word that names something is to stand for what the whole phrase names: "the first thing
    left of the cat" names a cat on the way. The answer then has one place to look at, one step from the picture.
    """
    last = max((place for place, (_, things) in enumerate(pairs) if things is not None), default=-1)
    behind = min(last + 1, len(pairs) - 1)
    return [*pairs[:behind], (pairs[behind][0], target), *pairs[behind + 1 :]]


def columns(pairs: Named) -> tuple[tuple[int, ...], tuple[Things | None, ...]]:
    return tuple(id for id, _ in pairs), tuple(things for _, things in pairs)


@cache
def declared(task: str) -> Declaration:
    return getattr(import_module(f"plait.tasks.{task}"), task).declaration


def read(value: Words | Corners, item: Item, vocabulary: Vocabulary) -> Named:
    """An input: a box that points at its things, or words."""
    if isinstance(value[0], int):
        return [(id, item.target) for id in located(cast(Corners, value), vocabulary)]
    return [
        (id, span.names)
        for place, span in enumerate(cast(Words, value))
        for id in vocabulary.read(span.text, inner=place > 0)
    ]


def written(item: Item, vocabulary: Vocabulary) -> Named:
    """An answer as its grammar has it (generation/writing.py), without the way through JSON: 3 µs instead of 60."""
    match item.answer:
        case bool(truth):
            return [(vocabulary.true if truth else vocabulary.false, item.target)]
        case str(text):
            return [(id, item.target) for id in (*vocabulary.encode(text), vocabulary.end)]
        case Scene():
            return []  # painted, not written
        case (int(), *_) as box:
            return [(id, item.target) for id in located(box, vocabulary)]
        case found:
            things: Named = []
            for number, (box, name) in enumerate(found):
                ids = (*located(box, vocabulary), *vocabulary.encode(name), vocabulary.end)
                things += [(id, (number,)) for id in ids]
            return [*things, (vocabulary.close, None)]


def located(box: Corners, vocabulary: Vocabulary) -> list[int]:
    return [vocabulary.bins.start + round(corner / SIDE * (BINS - 1)) for corner in box]
