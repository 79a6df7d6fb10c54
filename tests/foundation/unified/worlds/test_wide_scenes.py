"""Scenes of the wide atlas use all its nouns in pictures and texts; other scenes are unchanged."""

import hashlib
import random
from typing import Literal

import numpy as np
import pytest
import torch

from plait.foundation.cards.vocabulary import vocabulary
from plait.foundation.unified.objectives.batch_stream import BatchStream
from plait.foundation.unified.recipe import DataConfig, Phase, Recipe, Schedule
from plait.foundation.unified.worlds.absent_nouns import absent_noun, confusable_with
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.compositor import Compositor
from plait.foundation.unified.worlds.items import Language
from plait.foundation.unified.worlds.rendering import render_scene, render_scenes
from plait.foundation.unified.worlds.sampling import SPLITS, Split, sample_scene
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.task_items import TASKS, make_item
from plait.foundation.unified.worlds.wording import lexicon_for

FEW = len(atlas().nouns)
BEFORE = "bb0e7a0a1ff8c5f1057cdbe6e79713c8fb13cd9d7a275bfac0951510992b8cec"  # of Plait before


def scenes(count: int, split: Split = "seen", wide: bool = True) -> list[Scene]:
    rng = random.Random(f"wide {split}")
    return [sample_scene(rng, split, wide=wide) for _ in range(count)]


@pytest.mark.parametrize("split", SPLITS)
def test_wide_scenes_show_all_nouns_and_others_only_the_first(split: Split) -> None:
    def nouns_shown(wide: bool) -> set[int]:
        return {thing.noun for each in scenes(800, split, wide) for thing in each.things}

    assert max(nouns_shown(False)) < FEW
    assert len([noun for noun in nouns_shown(True) if noun >= FEW]) > (20 if split == "identities" else 250)


def test_absent_nouns_of_wide_scenes_are_sampled_from_all_nouns() -> None:
    def missing(wide: bool) -> set[int]:
        rng = random.Random(0)
        return {absent_noun(each, rng) for each in scenes(800, wide=wide) for _ in range(2)}

    assert max(missing(False)) < FEW and len([noun for noun in missing(True) if noun >= FEW]) > 250


def test_a_noun_covered_by_another_name_is_not_called_missing() -> None:
    nouns = [noun.en for noun in atlas(wide=True).nouns]
    car = nouns.index("car")
    close = {nouns[other] for other in confusable_with(True)[car]}
    assert close == {"taxi", "police car", "racing car"} and not confusable_with(False)[car]
    rng = random.Random(1)
    with_car = [each for each in scenes(4000) if car in {thing.noun for thing in each.things}]
    assert with_car and not {nouns[absent_noun(each, rng)] for each in with_car for _ in range(300)} & close


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("task", TASKS)
def test_every_task_uses_the_names_of_all_nouns(task: str, language: Language) -> None:
    rng = random.Random(f"{task} {language}")
    items = [make_item(task, each, language, rng) for each in scenes(300)]
    present = [each for each in items if each is not None]
    assert len(present) > 100
    names = {name.singular for name in lexicon_for(language, wide=True).nouns[FEW:]}
    if task != "restore_image":  # which has no words
        assert any(name in repr(each.inputs) + repr(each.answer) for each in present[:60] for name in names)


def test_a_recipe_of_the_wide_atlas_shows_and_paints_all_nouns() -> None:
    def nouns_shown(name: Literal["", "wide"]) -> set[int]:
        phase = Phase("all", 40, pictures=16, items=0, paintings=8)
        recipe = Recipe(data=DataConfig(atlas=name, mixture={"draw": 1.0}), schedule=Schedule(phase=(phase,)))
        feed = BatchStream(recipe, vocabulary(), TASKS)
        seen = [feed.world_source(phase).sample(place).scene for place in range(400)]
        painted = [feed.painting_example(place, phase).scene for place in range(400)]
        return {thing.noun for each in (*seen, *painted) if each for thing in each.things}

    assert max(nouns_shown("")) < FEW and len([noun for noun in nouns_shown("wide") if noun >= FEW]) > 300


def test_wide_scenes_are_composited_on_a_device_as_with_pillow() -> None:
    some = scenes(40)
    ours = Compositor.from_atlas(torch.device("cpu"), wide=True).render(some, 128).numpy().astype(int)
    assert np.abs(ours - render_scenes(some, 128)).mean() < 1.5


def test_scenes_of_the_first_nouns_are_unchanged_by_the_wide_atlas() -> None:
    rng = random.Random("as before")
    some = [sample_scene(rng, split) for split in SPLITS for _ in range(25)]
    # GroundedText was called Span when the hash was recorded.
    words = [
        repr(make_item(task, each, "zh", rng)).replace("GroundedText(", "Span(") for each in some for task in TASKS
    ]
    pictures = b"".join(render_scene(each).tobytes() for each in some[::10])
    assert hashlib.sha256("\n".join(map(repr, (*some, *words))).encode() + pictures).hexdigest() == BEFORE
