"""Scenes to paint: descriptions are true of their scenes, things stand in slots, and holes leave something."""

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from plait.foundation.unified.suite.caption_claims import claims
from plait.foundation.unified.worlds.arrangement import (
    CELL_SIDE,
    END,
    MAX_THING_SIDE,
    MIDDLE,
    arrange_in_row,
    arrange_pair,
    drawing_style,
)
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import Item, Spans, spans_text
from plait.foundation.unified.worlds.painting_items import hole_fractions
from plait.foundation.unified.worlds.palette import GROUNDS, WHITE, base_shade
from plait.foundation.unified.worlds.relations import OPPOSITE, RELATIONS, is_on_side
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene
from plait.foundation.unified.worlds.task_items import make_item
from plait.foundation.unified.worlds.wording import LANGUAGES, lexicon_for

NOUNS = st.lists(st.integers(0, len(atlas().nouns) - 1), min_size=1, max_size=3)
SEEDS = st.integers(0, 10_000)


def sample_item(task: str, seed: int) -> Item:
    rng = random.Random(seed)
    item = make_item(task, sample_scene(rng), rng.choice(LANGUAGES), rng)
    assert item is not None
    return item


def wanted_scene(of: Item) -> Scene:
    assert isinstance(of.answer, Scene)
    return of.answer


@given(NOUNS, st.sampled_from(GROUNDS))
def test_each_object_lies_completely_in_its_own_slot(nouns: list[int], ground: int) -> None:
    scene = arrange_in_row(nouns, ground)
    assert sorted(thing.noun for thing in scene.things) == sorted(nouns)
    assert scene.ground == ground and scene.ground_rgb == base_shade(ground)
    slots = set[tuple[float, float]]()
    for thing in scene.things:
        assert thing.side == MAX_THING_SIDE
        x, y = (centre - CELL_SIDE / 2 for centre in thing.centre)
        assert {x, y} <= {0, MIDDLE, END}
        slots.add((x, y))
    assert all(max(abs(x - u), abs(y - v)) >= CELL_SIDE for x, y in slots for u, v in slots if (x, y) != (u, v))
    assert len(slots) == len(scene.things)
    assert [thing.centre for thing in scene.things] == sorted(thing.centre for thing in scene.things)


@given(NOUNS)
def test_a_description_determines_the_drawing(nouns: list[int]) -> None:
    """Equal objects are counted together, so their place among others is not part of the description."""
    together = sorted(nouns, key=nouns.index)
    assert arrange_in_row(nouns, WHITE) == arrange_in_row(together, WHITE)
    assert [thing.noun for thing in arrange_in_row(nouns, WHITE).things] == together


@given(NOUNS.filter(lambda nouns: len(set(nouns)) > 1), st.sampled_from(RELATIONS))
def test_a_relation_holds_in_the_drawing(nouns: list[int], side: str) -> None:
    one, other = list(dict.fromkeys(nouns))[:2]
    relation = next(each for each in RELATIONS if each == side)
    scene = arrange_pair(one, relation, other, WHITE)
    subject, of = (next(thing for thing in scene.things if thing.noun == noun) for noun in (one, other))
    assert is_on_side(subject, relation, of) and not is_on_side(subject, OPPOSITE[relation], of)


def test_a_noun_is_drawn_in_a_training_style() -> None:
    known = atlas()
    for noun in range(len(known.nouns)):
        for ground in GROUNDS:
            style = drawing_style(noun, ground)
            assert known.styles[style].training and known.present[style, noun] and not known.held_out[style, noun]


@settings(max_examples=200)
@given(SEEDS)
def test_a_description_agrees_with_the_drawing(seed: int) -> None:
    item = sample_item("draw", seed)
    statement, scene = claims(spans_text(description(item)), item.language), wanted_scene(item)
    counts_in_scene = {
        noun: sum(thing.noun == noun for thing in scene.things) for noun in {t.noun for t in scene.things}
    }
    assert {noun: number or 1 for noun, number in statement.nouns.items()} == counts_in_scene
    assert (statement.ground if statement.ground is not None else WHITE) == scene.ground


def description(of: Item) -> Spans:
    words = of.inputs["description"]
    assert not isinstance(words[0], int)
    return words  # type: ignore[return-value]


def test_every_kind_of_description_occurs() -> None:
    kinds = {sample_item("draw", seed).kind for seed in range(300)}
    assert kinds == {"1", "2", "3", *RELATIONS}
    assert lexicon_for("zh").nouns


@settings(max_examples=200)
@given(SEEDS)
def test_a_hole_covers_a_part_of_an_object(seed: int) -> None:
    item = sample_item("restore_image", seed)
    left, top, right, bottom = (corner * CANVAS_SIDE for corner in hole_fractions(item))
    assert 0 <= left < right <= CANVAS_SIDE and 0 <= top < bottom <= CANVAS_SIDE
    x0, y0, x1, y1 = wanted_scene(item).things[item.target[0]].box
    cut = max(0, min(right, x1) - max(left, x0)) * max(0, min(bottom, y1) - max(top, y0))
    share = cut / ((x1 - x0) * (y1 - y0))
    assert 0.1 < share < 0.9
