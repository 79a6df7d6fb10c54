"""Texts about scenes for all tasks: form, captions, regions, mixtures, held-out combinations."""

import copy
import math
import random
import re
import time
import timeit
from collections import Counter
from itertools import pairwise

import pytest

from plait.foundation.unified.worlds import held_out
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import GroundedText, Item, Language, spans_text
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import Scene, Thing
from plait.foundation.unified.worlds.task_items import TASKS, make_item, make_items
from plait.foundation.unified.worlds.wording import LANGUAGES

EVENLY = dict.fromkeys(TASKS, 1.0)
NUMBERS = {"a": 1, "an": 1, "two": 2, "three": 3, "一": 1, "两": 2, "三": 3}


def sample_all_items(count: int = 400) -> list[tuple[Scene, Item]]:
    rng = random.Random(21)
    worlds = [sample_scene(rng) for _ in range(count)]
    return [(world, each) for world in worlds for each in make_items(world, 8, EVENLY, rng)]


def texts(each: Item) -> list[str]:
    answers = [name for _, name in each.answer] if each.task == "detect" else [each.answer]
    inputs = [spans_text(value) for value in each.inputs.values() if isinstance(value[0], GroundedText)]
    return [text for text in [*inputs, *answers] if isinstance(text, str)]


def test_chinese_texts_have_no_latin_letters_and_english_only_latin() -> None:
    for _, each in sample_all_items():
        for text in texts(each):
            assert not re.search("[A-Za-z ]", text) if each.language == "zh" else text.isascii(), each
            assert text == text.strip().lower() and "  " not in text, each


def test_spans_end_at_word_boundaries() -> None:
    for _, each in sample_all_items():
        for words in each.inputs.values():
            if each.language == "en" and isinstance(words[0], GroundedText):
                assert not words[0].text.startswith(" ")
                for before, after in pairwise(words):
                    assert not (before.text[-1].isalnum() and after.text[0].isalnum()), each
                    assert not before.text.endswith(" "), each


def test_targets_and_names_are_objects_of_the_scene() -> None:
    for world, each in sample_all_items():
        named = {
            thing
            for words in each.inputs.values()
            for span in words
            if isinstance(span, GroundedText)
            for thing in span.names or ()
        }
        assert named | set(each.target) <= set(range(len(world.things))), each


def test_a_caption_has_all_nouns_counts_order_and_background() -> None:
    rng = random.Random(22)
    for _ in range(500):
        world = sample_scene(rng)
        nouns = [atlas().nouns[thing.noun] for thing in world.things]
        english, chinese = (make_item("describe", world, language, rng) for language in LANGUAGES)
        ground = re.fullmatch(r"(.+) on an? (\w+) ground", english.answer)
        assert ground[2] == COLOURS[world.ground].en
        parts_of_ground = [part.partition(" ") for part in re.split(", | and ", ground[1])]
        counts = Counter({noun.en: 0 for noun in nouns}) + Counter(noun.en for noun in nouns)
        plurals = {noun.plural: noun.en for noun in nouns}
        assert [
            (plurals.get(name, name) if NUMBERS[n] > 1 else name, NUMBERS[n]) for n, _, name in parts_of_ground
        ] == list(counts.items())
        background = re.fullmatch(r"(.+)背景上有(.+)", chinese.answer)
        assert background[1] == COLOURS[world.ground].zh_full
        measured = Counter(noun.measure + noun.zh for noun in nouns)
        assert [(part[1:], NUMBERS[part[0]]) for part in re.split("、|和", background[2])] == list(measured.items())


def test_a_region_is_the_box_of_the_object_in_the_answer() -> None:
    for world, each in sample_all_items():
        if each.task == "describe_region":
            (thing,) = (world.things[at] for at in each.target)
            noun = atlas().nouns[thing.noun]
            assert each.inputs == {"region": thing.box}
            assert each.answer == (
                f"{noun.article} {noun.en}" if each.language == "en" else f"一{noun.measure}{noun.zh}"
            )


def test_detections_are_ordered_from_left_to_right() -> None:
    for world, each in sample_all_items():
        if each.task == "detect":
            assert [box for box, _ in each.answer] == [thing.box for thing in world.things]
            assert [name for _, name in each.answer] == [
                getattr(atlas().nouns[t.noun], each.language) for t in world.things
            ]


def test_the_located_box_is_that_of_the_phrase() -> None:
    for world, each in sample_all_items():
        if each.task == "locate":
            assert [each.answer] == [world.things[at].box for at in each.target]


def test_items_are_sampled_by_weight_in_both_languages_without_repetition() -> None:
    rng = random.Random(23)
    samples = [make_items(sample_scene(rng), 4, {"ask": 3.0, "matches": 1.0}, rng) for _ in range(500)]
    assert all(len(each) == 4 and len({repr(one) for one in each}) == 4 for each in samples)
    tasks = Counter((each.task, each.language) for some in samples for each in some)
    assert set(tasks) == {(task, language) for task in ("ask", "matches") for language in LANGUAGES}
    assert 2.4 < sum(n for (task, _), n in tasks.items() if task == "ask") / tasks["matches", "en"] / 2 < 3.6


def test_a_scene_with_few_items_gives_fewer() -> None:
    rng = random.Random(24)
    assert len(make_items(sample_scene(rng), 10, {"describe": 1.0}, rng)) == 2


def test_the_same_seed_gives_the_same_texts() -> None:
    assert [each for _, each in sample_all_items(40)] == [each for _, each in sample_all_items(40)]


def test_a_task_without_synthetic_items_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'paint'; there are locate, "):
        make_item("paint", sample_scene(random.Random(0)), "en", random.Random(0))


def test_making_an_item_costs_at_most_one_and_a_half_deep_copies_of_its_scene() -> None:
    # A ratio in one run: beside other work a second of CPU does half as much. It is 0.9 here.
    rng = random.Random(25)
    worlds = [sample_scene(rng) for _ in range(200)]
    seconds = {"items": math.inf, "copies": math.inf}
    for _ in range(5):
        for name, work in (
            ("items", lambda: [make_items(world, 4, EVENLY, rng) for world in worlds]),
            ("copies", lambda: [copy.deepcopy(world) for world in worlds]),
        ):
            seconds[name] = min(seconds[name], timeit.timeit(work, timer=time.process_time, number=1))
    assert seconds["items"] / 4 < 1.5 * seconds["copies"], seconds


def test_about_eight_percent_of_noun_background_combinations_are_held_out() -> None:
    combinations = held_out.held_out_combinations(False)
    share = len(combinations) / (len(COLOURS) * len(atlas().nouns) * 3)
    assert 0.065 < share < 0.095
    assert len({ground for ground, _, _ in combinations}) == len(COLOURS)
    assert max(Counter(noun for _, noun, _ in combinations).values()) < 33 / 3


@pytest.mark.parametrize("place", range(3))
def test_one_held_out_object_holds_out_the_scene(place: int) -> None:
    ground, noun, _ = next(each for each in sorted(held_out.held_out_combinations(False)) if each[2] == place)
    left = 32 * place + 6
    anchor = Thing(noun, 0, (left, 40, left + 20, 60), False, None)
    free = next(
        n
        for n in range(len(atlas().nouns))
        if all((ground, n, third) not in held_out.held_out_combinations(False) for third in range(3))
    )
    other = Thing(free, 0, (40, 70, 60, 90), False, None)
    assert held_out.is_held_out(Scene((anchor, other), ground, (0, 0, 0)))
    assert not held_out.is_held_out(Scene((other,), ground, (0, 0, 0)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_scene_of_one_object_has_an_item_of_every_task(language: Language) -> None:
    rng = random.Random(26)
    for _ in range(50):
        world = sample_scene(rng, count=1)
        items = [make_item(task, world, language, rng) for task in TASKS]
        assert all(items), TASKS[items.index(None)]
