"""What training shows is what an engine reads and what a grammar admits."""

import random

import numpy as np
import pytest

from plait.core.task.derive import answer_grammar
from plait.core.values.value_type import Beside
from plait.foundation.cards.instruction import FRAME, instruction_ids
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.objectives.batches import Sight
from plait.foundation.unified.objectives.encoded_examples import WORDING, declared, example
from plait.foundation.unified.worlds.items import Item, said
from plait.foundation.unified.worlds.sampling import scene
from plait.foundation.unified.worlds.scene import SIDE, Scene
from plait.foundation.unified.worlds.task_items import TASKS, WRITTEN, item
from plait.types.box.value import Box

WORDS = vocabulary()
ALPHABET = Alphabet(WORDS)


class Square:
    """A picture as far as boxes need one."""

    size = (SIDE, SIDE)


def asked(task: str, count: int = 40) -> list[tuple[Scene, Item]]:
    rng = random.Random(task)
    found: list[tuple[Scene, Item]] = []
    while len(found) < count:
        about = scene(rng)
        each = item(task, about, rng.choice(("en", "zh")), rng)
        found += [(about, each)] if each else []
    return found


@pytest.mark.parametrize("task", TASKS)
def test_an_example_is_read_as_an_engine_reads_the_task(task: str) -> None:
    beside = Beside({("picture",): (Square(),)}, frame=FRAME)
    for _, each in asked(task):
        inputs = {
            slot: Box(*value) if isinstance(value[0], int) else said(value) for slot, value in each.inputs.items()
        }
        read = instruction_ids(declared(task), {"picture": Square(), **inputs}, beside, WORDING[each.language], WORDS)
        assert list(example(each, WORDS).source) == read


@pytest.mark.parametrize("task", WRITTEN)
def test_an_example_is_written_as_the_grammar_has_it(task: str) -> None:
    declaration = declared(task)
    form = TokenGrammar(answer_grammar(declaration, Beside(frame=FRAME)), ALPHABET)
    on = Beside({("picture",): (Square(),)}, frame=FRAME)
    for _, each in asked(task):
        match each.answer:
            case (int(), *_) as box:
                answer: object = Box(*box)
            case tuple(found):
                model = declaration.answer.children[0][1].model  # type: ignore[attr-defined]
                answer = [model(what=name, where=Box(*box)) for box, name in found]
            case plain:
                answer = plain
        wire = declaration.answer.encode(answer, on)
        assert list(example(each, WORDS).target) == form.written(wire)


def test_the_id_behind_the_words_that_name_something_stands_for_what_is_asked() -> None:
    for _, each in asked("locate"):
        made = example(each, WORDS)
        last = max(place for place, things in enumerate(made.names) if things is not None)
        assert made.names[last] == each.target


def test_every_thing_is_in_some_cell_and_no_cell_is_far_from_it() -> None:
    rng = random.Random(0)
    for about in (scene(rng) for _ in range(50)):
        for thing, covered in zip(about.things, Sight.of(about, 6).cells, strict=True):
            assert covered.any()
            for cell in np.flatnonzero(covered):
                x, y = cell % 6 * 16, cell // 6 * 16
                x0, y0, x1, y1 = thing.box
                assert x0 < x + 16 and x < x1 and y0 < y + 16 and y < y1
