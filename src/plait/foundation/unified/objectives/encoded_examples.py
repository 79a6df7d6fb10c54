"""Examples: what the model reads and writes, as ids, and what of the picture each id is about."""

from dataclasses import dataclass
from functools import cache
from importlib import import_module
from typing import cast

from plait.core.task.declaration import Declaration
from plait.foundation.cards.instruction import interleave
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.worlds.items import Item, Spans
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene
from plait.types.box.box_formats import BINS

Things = tuple[int, ...]
GroundedIds = list[tuple[int, Things | None]]  # ids, each with the things it is about
WORDING = {"en": "", "zh": "zh"}
PHRASE_TASKS = ("locate",)  # tasks whose answer is about what a phrase names


@dataclass(frozen=True)
class TokenizedExample:
    """`input_things` has for each input id the things it names: None where it names nothing, () where that is absent.
    `target_things` has for each target id the things to attend to when it is written.
    """

    task: str
    input_ids: tuple[int, ...]
    input_things: tuple[Things | None, ...]
    target_ids: tuple[int, ...]
    target_things: tuple[Things | None, ...]


def tokenize_item(item: Item, vocabulary: Vocabulary) -> TokenizedExample:
    """An item of a world, in the task's own words."""
    wording = task_declaration(item.task).wordings[WORDING[item.language]][0]
    ids_by_parameter: dict[str, GroundedIds] = {
        parameter: tokenize_input(value, item, vocabulary) for parameter, value in item.inputs.items()
    }
    pairs = interleave(
        wording,
        lambda parameter: ids_by_parameter.get(parameter, [(vocabulary.picture, None)]),
        lambda ids: [(id, None) for id in ids],
        vocabulary,
    )
    if item.task in PHRASE_TASKS:
        pairs = ground_phrase_end(pairs, item.target)
    return TokenizedExample(item.task, *unzip_ids(pairs), *unzip_ids(tokenize_answer(item, vocabulary)))


def ground_phrase_end(pairs: GroundedIds, target: Things) -> GroundedIds:
    """The id behind the last word that names something is to stand for what the whole phrase names: "the first thing
    left of the cat" names a cat on the way. The answer then has one place to look at, one step from the picture.
    """
    last = max((position for position, (_, things) in enumerate(pairs) if things is not None), default=-1)
    end = min(last + 1, len(pairs) - 1)
    return [*pairs[:end], (pairs[end][0], target), *pairs[end + 1 :]]


def unzip_ids(pairs: GroundedIds) -> tuple[tuple[int, ...], tuple[Things | None, ...]]:
    return tuple(id for id, _ in pairs), tuple(things for _, things in pairs)


@cache
def task_declaration(task: str) -> Declaration:
    return getattr(import_module(f"plait.tasks.{task}"), task).declaration


def tokenize_input(value: Spans | PixelBox, item: Item, vocabulary: Vocabulary) -> GroundedIds:
    """An input: a box that points at its things, or words."""
    if isinstance(value[0], int):
        return [(id, item.target) for id in location_ids(cast(PixelBox, value), vocabulary)]
    return [
        (id, span.names)
        for index, span in enumerate(cast(Spans, value))
        for id in vocabulary.encode_lowercased(span.text, is_continuation=index > 0)
    ]


def tokenize_answer(item: Item, vocabulary: Vocabulary) -> GroundedIds:
    """An answer as its grammar has it (`token_automaton.encoding`), without JSON between: 3 µs instead of 60."""
    match item.answer:
        case bool(truth):
            return [(vocabulary.true if truth else vocabulary.false, item.target)]
        case str(text):
            return [(id, item.target) for id in (*vocabulary.encode(text), vocabulary.end)]
        case Scene():
            return []  # painted, not written
        case (int(), *_) as box:
            return [(id, item.target) for id in location_ids(box, vocabulary)]
        case named_boxes:
            things: GroundedIds = []
            for number, (box, name) in enumerate(named_boxes):
                ids = (*location_ids(box, vocabulary), *vocabulary.encode(name), vocabulary.end)
                things += [(id, (number,)) for id in ids]
            return [*things, (vocabulary.close, None)]


def location_ids(box: PixelBox, vocabulary: Vocabulary) -> list[int]:
    return [vocabulary.bins.start + round(corner / CANVAS_SIDE * (BINS - 1)) for corner in box]
