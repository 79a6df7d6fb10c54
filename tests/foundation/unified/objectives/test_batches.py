"""Training batches agree with the instructions of the engine and with the grammar of answers."""

import random

import numpy as np
import pytest

from plait.core.task.derive import answer_grammar
from plait.core.values.call_context import CallContext
from plait.foundation.cards.instruction import BOX_FORMAT, instruction_ids
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.objectives.batches import GridTargets
from plait.foundation.unified.objectives.encoded_examples import WORDING, task_declaration, tokenize_item
from plait.foundation.unified.worlds.items import Item, spans_text
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene
from plait.foundation.unified.worlds.task_items import TASKS, TEXT_TASKS, make_item
from plait.types.box import Box

WORDS = vocabulary()
ALPHABET = Alphabet(WORDS)


class Square:
    """A picture as far as boxes need one."""

    size = (CANVAS_SIDE, CANVAS_SIDE)


def sample_items(task: str, count: int = 40) -> list[tuple[Scene, Item]]:
    rng = random.Random(task)
    pairs: list[tuple[Scene, Item]] = []
    while len(pairs) < count:
        about = sample_scene(rng)
        each = make_item(task, about, rng.choice(("en", "zh")), rng)
        pairs += [(about, each)] if each else []
    return pairs


@pytest.mark.parametrize("task", TASKS)
def test_an_example_is_encoded_like_a_request_of_the_engine(task: str) -> None:
    context = CallContext({("picture",): (Square(),)}, box_format=BOX_FORMAT)
    for _, each in sample_items(task):
        inputs = {
            parameter: Box(*value) if isinstance(value[0], int) else spans_text(value)
            for parameter, value in each.inputs.items()
        }
        read = instruction_ids(
            task_declaration(task), {"picture": Square(), **inputs}, context, WORDING[each.language], WORDS
        )
        assert list(tokenize_item(each, WORDS).input_ids) == read


@pytest.mark.parametrize("task", TEXT_TASKS)
def test_an_answer_is_encoded_by_its_grammar(task: str) -> None:
    declaration = task_declaration(task)
    form = TokenGrammar(answer_grammar(declaration, CallContext(box_format=BOX_FORMAT)), ALPHABET)
    on = CallContext({("picture",): (Square(),)}, box_format=BOX_FORMAT)
    for _, each in sample_items(task):
        match each.answer:
            case (int(), *_) as box:
                answer: object = Box(*box)
            case tuple(found):
                model = declaration.answer.children[0][1].model  # type: ignore[attr-defined]
                answer = [model(what=name, where=Box(*box)) for box, name in found]
            case plain:
                answer = plain
        json_value = declaration.answer.encode(answer, on)
        assert list(tokenize_item(each, WORDS).target_ids) == form.encode(json_value)


def test_the_id_after_a_naming_phrase_is_supervised() -> None:
    for _, each in sample_items("locate"):
        example = tokenize_item(each, WORDS)
        last = max(place for place, things in enumerate(example.input_things) if things is not None)
        assert example.input_things[last] == each.target


def test_every_object_has_cells_and_all_of_them_are_near_it() -> None:
    rng = random.Random(0)
    for about in (sample_scene(rng) for _ in range(50)):
        for thing, covered in zip(about.things, GridTargets.from_scene(about, 6).cells, strict=True):
            assert covered.any()
            for cell in np.flatnonzero(covered):
                x, y = cell % 6 * 16, cell // 6 * 16
                x0, y0, x1, y1 = thing.box
                assert x0 < x + 16 and x < x1 and y0 < y + 16 and y < y1
