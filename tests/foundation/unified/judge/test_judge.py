"""The judge that ships: it finds what is there, where it is, and nothing where nothing is."""

import random
from collections import Counter

import numpy as np
import pytest

from plait.foundation.unified.judge.shipped import judge
from plait.foundation.unified.metrics.boxes import iou_matrix
from plait.foundation.unified.worlds.palette import COLOURS, GROUNDS, base_shade
from plait.foundation.unified.worlds.rendering import render_scene
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.task_items import make_item


def scenes(kind: str, count: int = 80) -> list[Scene]:
    rng = random.Random(f"judge {kind}")
    those = [sample_scene(rng) for _ in range(count)]
    if kind == "scenes":
        return those
    items = [make_item("draw", each, "en", rng) for each in those]
    return [each.answer for each in items if each and isinstance(each.answer, Scene)]


@pytest.mark.parametrize("kind", ["scenes", "drawings"])
@pytest.mark.parametrize("side", [64, 128])
def test_the_judge_finds_the_objects_of_a_scene_and_little_else(kind: str, side: int) -> None:
    of = scenes(kind)
    verdicts = judge().verdicts([render_scene(each, side) for each in of])
    counts = [
        any(each.noun == thing.noun and iou_matrix([each.box], [thing.box])[0, 0] > 0.5 for each in verdict.things)
        for verdict, about in zip(verdicts, of, strict=True)
        for thing in about.things
    ]
    too_many = sum(len(verdict.things) > len(about.things) for verdict, about in zip(verdicts, of, strict=True))
    assert np.mean(counts) > 0.93 and too_many <= 4
    assert np.mean([verdict.ground == about.ground for verdict, about in zip(verdicts, of, strict=True)]) > 0.93


def test_the_judge_finds_other_objects_in_another_picture() -> None:
    of = scenes("scenes")
    verdicts = judge().verdicts([render_scene(each, 64) for each in [*of[1:], of[0]]])
    counts_in_scene = [Counter(thing.noun for thing in about.things) for about in of]
    counts = [Counter(thing.noun for thing in verdict.things) for verdict in verdicts]
    assert sum((one & other).total() for one, other in zip(counts_in_scene, counts, strict=True)) <= 6


def test_the_judge_finds_only_the_colour_of_an_empty_background() -> None:
    bare = [np.full((64, 64, 3), base_shade(ground), np.uint8) for ground in GROUNDS]
    verdicts = judge().verdicts(bare)
    assert [verdict.things for verdict in verdicts] == [()] * len(COLOURS)
    assert sum(verdict.ground == ground for verdict, ground in zip(verdicts, GROUNDS, strict=True)) >= 10
