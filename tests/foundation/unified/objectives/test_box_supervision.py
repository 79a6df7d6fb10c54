"""Boxes of user rows give the same supervision as a synthetic scene with the same objects."""

import random
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.objectives.batches import PRESENT, UNKNOWN, Batch, GridTargets, Sample, collate
from plait.foundation.unified.objectives.box_supervision import add_grounding, example_boxes
from plait.foundation.unified.objectives.encoded_examples import Things, TokenizedExample, tokenize_item
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, Scene
from plait.foundation.unified.worlds.task_items import TASKS, make_item

WORDS = vocabulary()
GRID = 6
BLANK = np.zeros((96, 96, 3), np.uint8)


def sample_examples(task: str) -> Iterator[tuple[Scene, TokenizedExample]]:
    rng = random.Random(task)
    for _ in range(60):
        about = sample_scene(rng)
        if item := make_item(task, about, "en", rng):
            yield about, tokenize_item(item, WORDS)


def without_grounding(of: TokenizedExample) -> TokenizedExample:
    return replace(of, input_things=(None,) * len(of.input_ids), target_things=(None,) * len(of.target_ids))


def words_of(of: TokenizedExample) -> list[int]:
    """Where those of a question's words stand that name something: none in "the thing in the top right corner"."""
    named = [place for place, things in enumerate(of.input_things) if things is not None]
    return [place for place in named[:-1] if of.input_ids[place] not in WORDS.bins]


def things_by_box(about: Scene, boxes: np.ndarray) -> list[int]:
    """Which thing of the scene each box is of."""
    corners = np.array([thing.box for thing in about.things]) / CANVAS_SIDE
    return [int(np.abs(corners - box).max(1).argmin()) for box in boxes]


def in_scene(things: Things | None, which: list[int]) -> Things | None:
    return None if things is None else tuple(which[thing] for thing in things)


@pytest.mark.parametrize("task", ["locate", "detect", "describe_region"])
def test_the_boxes_of_an_answer_agree_with_the_scene(task: str) -> None:
    count = 0
    for about, right in sample_examples(task):
        example = add_grounding(without_grounding(right), words_of(right), WORDS)
        boxes = np.array(example_boxes(right, WORDS))
        which = things_by_box(about, boxes)
        assert [in_scene(each, which) for each in example.target_things] == list(right.target_things)
        assert np.abs(boxes - np.array([about.things[thing].box for thing in which]) / CANVAS_SIDE).max() < 0.002
        count += 1
    assert count > 30


def test_only_an_unambiguous_phrase_is_supervised_with_its_box() -> None:
    naming = [(about, right) for about, right in sample_examples("locate") if words_of(right)]
    assert len(naming) > 20
    for about, right in naming:
        example = add_grounding(without_grounding(right), words_of(right), WORDS)
        which = things_by_box(about, np.array(example_boxes(right, WORDS)))
        behind = max(place for place, things in enumerate(right.input_things) if things is not None)
        assert in_scene(example.input_things[behind], which) == right.input_things[behind]
        assert [place for place, things in enumerate(example.input_things) if things is not None] == [behind]


def test_a_box_input_is_supervised_with_itself() -> None:
    for about, right in sample_examples("describe_region"):
        example = add_grounding(without_grounding(right), [], WORDS)
        which = things_by_box(about, np.array(example_boxes(right, WORDS)))
        assert [in_scene(each, which) for each in example.input_things] == list(right.input_things)


@pytest.mark.parametrize("task", ["ask", "matches", "describe", "restore_text"])
def test_rows_without_boxes_have_no_supervision(task: str) -> None:
    for _, right in sample_examples(task):
        assert len(example_boxes(right, WORDS)) == 0
        assert add_grounding(without_grounding(right), words_of(right), WORDS) == without_grounding(right)


def scene_and_picture_batches(about: Scene, right: TokenizedExample) -> tuple[Batch, Batch]:
    """The batch of the scene, and that of a picture with the same boxes."""
    own = add_grounding(without_grounding(right), words_of(right), WORDS)
    sample = Sample(BLANK, (own,), boxes=example_boxes(right, WORDS))
    return collate([Sample(None, (right,), about)], WORDS, GRID, TASKS), collate([sample], WORDS, GRID, TASKS)


def test_boxes_of_pictures_and_scenes_are_mapped_to_the_same_cells() -> None:
    for about, right in sample_examples("detect"):
        world, own = scene_and_picture_batches(about, right)
        cells = slice(GRID * GRID)
        assert (
            np.mean((world.about_mask[..., cells] == own.about_mask[..., cells]).float().numpy()) > 0.95
        )  # locations are rounded
        assert bool((own.cell_noun == UNKNOWN).all()) and bool((own.cell_box[..., 2:].sum(-1) > 0).any())
    for about, right in sample_examples("locate"):
        _, own = scene_and_picture_batches(about, right)
        if not words_of(right):
            continue
        assert int((own.presence == PRESENT).sum()) == 1 and bool(own.pointer_box[own.presence == PRESENT].sum() > 0)


def test_a_picture_without_boxes_has_no_cell_with_one() -> None:
    sight = GridTargets.from_boxes((), GRID)
    assert sight.cells.shape == (0, GRID * GRID) and not sight.cell_boxes.any() and (sight.cell_nouns == UNKNOWN).all()
