"""Batches of paintings: holes are masked, codes around them known, and the step alone determines a batch."""

import random
from collections.abc import Sequence
from dataclasses import replace

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.foundation.cards.instruction import unconditional_instruction_ids
from plait.foundation.cards.sizes import SIZES
from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.image_tokenizer.shipped import image_tokenizer
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.objectives.batches import draw_on_cpu
from plait.foundation.unified.objectives.painting_batches import PaintingExample, collate_paintings, painting_example
from plait.foundation.unified.recipe import DataConfig, ModelConfig, Phase, Recipe, Schedule
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.task_items import IMAGE_TASKS, TASKS, make_item

WORDS, SIZE = vocabulary(), SIZES["tiny"]
CODES = SIZE.code_grid**2
RECIPE = Recipe(
    ModelConfig("tiny"),
    DataConfig(mixture={"draw": 1.0, "restore_image": 1.0, "locate": 1.0}),
    schedule=Schedule(phase=(Phase("plain", 3, 4, 2), Phase("paint", 4, 4, 2, paintings=6))),
)


def feed(rank: int = 0, ranks: int = 1) -> BatchStream:
    return BatchStream(RECIPE, WORDS, TASKS, rank, ranks, encode=image_tokenizer().encode)


def to_learn(task: str, seed: int) -> PaintingExample:
    rng = random.Random(seed)
    item = make_item(task, sample_scene(rng), "en", rng)
    assert item is not None
    return painting_example(item, SIZE, WORDS, rng)


def visible_inputs(rows: Sequence[PaintingExample]):
    return collate_paintings(rows, WORDS, SIZE, draw_on_cpu, image_tokenizer().encode)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_a_drawing_has_no_picture_input_and_masked_codes(seed: int) -> None:
    row = to_learn("draw", seed)
    batch = visible_inputs([row])
    assert batch.image_index.tolist() == [-1] and row.missing == tuple(range(CODES))
    hidden = batch.known_codes[0] < 0
    assert int(hidden.sum()) == CODES - len(row.known) >= 1
    assert torch.equal(batch.known_codes[0][~hidden], batch.codes[0][~hidden])
    assert not (row.raster and row.known)


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 10_000))
def test_for_a_picture_with_a_hole_the_codes_outside_are_visible(seed: int) -> None:
    row = to_learn("restore_image", seed)
    batch = visible_inputs([row])
    assert row.hole and 0 < len(row.missing) < CODES and batch.image_index.tolist() == [0]
    outside = torch.ones(CODES, dtype=torch.bool)
    outside[list(row.missing)] = False
    assert int(batch.known_codes[0][outside].min()) >= 0
    left, top, right, bottom = (round(each * SIZE.side) for each in row.hole)
    assert bool((batch.pictures[0, top:bottom, left:right] == 128).all())


def test_the_content_of_a_hole_does_not_change_the_inputs() -> None:
    row = to_learn("restore_image", 3)
    assert row.hole
    other_scene = sample_scene(random.Random(99))
    whole = replace(row, hole=(0.0, 0.0, 1.0, 1.0), missing=tuple(range(CODES)), known=())
    one, other = visible_inputs([whole]), visible_inputs([replace(whole, scene=other_scene)])
    assert torch.equal(one.pictures, other.pictures) and torch.equal(one.known_codes, other.known_codes)
    assert not torch.equal(one.codes, other.codes)


def test_some_paintings_drop_their_description_and_some_use_raster_order() -> None:
    rows = [to_learn("draw", seed) for seed in range(400)]
    untold = sum(row.input_ids == unconditional_instruction_ids(WORDS) for row in rows) / len(rows)
    raster = sum(row.raster for row in rows) / len(rows)
    assert 0.05 < untold < 0.15 and 0.05 < raster < 0.15
    assert unconditional_instruction_ids(WORDS)[-1] not in WORDS.codes


def test_paintings_depend_only_on_the_step_and_are_divided_among_processes() -> None:
    assert feed().painting_batch(1) is None
    whole, again = feed().painting_batch(4), feed().painting_batch(4)
    assert (
        whole and again and torch.equal(whole.codes, again.codes) and torch.equal(whole.known_codes, again.known_codes)
    )
    parts = [feed(rank, 2).painting_batch(4) for rank in range(2)]
    assert all(parts)
    merged = torch.stack([part.codes for part in parts if part], 1).flatten(0, 1)
    assert torch.equal(merged, whole.codes)
    later = feed().painting_batch(5)
    assert later and not torch.equal(later.codes, whole.codes)


def test_after_the_end_of_a_recipe_other_pictures_are_sampled() -> None:
    stream = feed()
    pictures = [stream.batch(step).pictures for step in (RECIPE.steps, RECIPE.steps + 1)]
    painted = [stream.painting_batch(step) for step in (RECIPE.steps, RECIPE.steps + 1)]
    assert not torch.equal(*pictures)
    assert painted[0] and painted[1] and not torch.equal(painted[0].codes, painted[1].codes)


@pytest.mark.parametrize("task", IMAGE_TASKS)
def test_the_mixture_selects_the_painting_task(task: str) -> None:
    recipe = replace(RECIPE, data=DataConfig(mixture={task: 1.0, "locate": 1.0}))
    batch = replace(feed(), recipe=recipe).painting_batch(3)
    assert batch is not None and bool((batch.image_index >= 0).any()) == (task == "restore_image")
