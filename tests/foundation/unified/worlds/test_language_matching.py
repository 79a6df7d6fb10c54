"""Texts that match a picture or miss it by one word, judged again from the words alone."""

import math
import random
import re
from collections import Counter
from functools import cache

import pytest

from plait.foundation.unified.worlds.absent_nouns import CONFUSABLE_NAMES
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import Item, Language, spans_text
from plait.foundation.unified.worlds.matching import FACTORIES
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import Scene, Thing
from plait.foundation.unified.worlds.task_items import make_item
from plait.foundation.unified.worlds.wording import LANGUAGES, lexicon_for

EN = {"a": 1, "an": 1, "one": 1, "two": 2, "three": 3}
ZH = {"一": 1, "两": 2, "三": 3}
SIDES = {"left of": (0, 1), "right of": (0, -1), "above": (1, 1), "below": (1, -1)}
SIDES |= {"左边": (0, 1), "右边": (0, -1), "上面": (1, 1), "下面": (1, -1)}


def is_true(text: str, world: Scene) -> bool:
    english = text.isascii()
    if match := re.fullmatch(r"(?:(.+) on )?an? (\w+) ground|(..)背景(?:上有(.+))?", text):
        objects, colour = match[1] or match[4], match[2] or match[3]
        ground = COLOURS[world.ground].en if english else COLOURS[world.ground].zh_full
        return colour == ground and (
            objects is None or all(is_present(each, world) for each in parts(objects, english))
        )
    if match := re.fullmatch(r"an? (.+) (left of|right of|above|below) an? (.+)", text):
        return is_beside(match[1], match[2], match[3], world)
    if match := re.fullmatch(r"一(.+)在一(.+)(左边|右边|上面|下面)", text):
        return is_beside(match[1], match[3], match[2], world)
    return all(is_present(each, world) for each in parts(text, english))


def parts(text: str, english: bool) -> list[str]:
    return re.split(r", | and " if english else r"、|和", text)


def names(world: Scene, at: int) -> set[str]:
    """All the ways to name a thing after its number or article."""
    thing = world.things[at]
    noun = atlas().nouns[thing.noun]
    plain = {noun.en, noun.plural, noun.measure + noun.zh, "thing", "things", "个东西"}
    if thing.colour is None:
        return plain
    colour = COLOURS[thing.colour]
    return plain | {f"{colour.en} {noun.en}", f"{noun.measure}{colour.zh_full}的{noun.zh}"}


def is_present(part: str, world: Scene) -> bool:
    article, _, name = part.partition(" ")
    number, name = (EN[article], name) if name else (ZH[part[0]], part[1:])
    return sum(name in names(world, at) for at in range(len(world.things))) == number


def is_beside(one: str, side: str, other: str, world: Scene) -> bool:
    axis, way = SIDES[side]
    of = {name: thing.centre[axis] for at, thing in enumerate(world.things) for name in names(world, at)}
    return one in of and other in of and way * (of[other] - of[one]) >= 10


@cache
def worlds() -> list[Scene]:
    rng = random.Random(11)
    return [sample_scene(rng) for _ in range(800)]


@cache
def matching_items(language: Language) -> list[tuple[Scene, Item]]:
    rng = random.Random(12)
    return [(world, item) for world in worlds() * 8 if (item := make_item("matches", world, language, rng))]


@pytest.mark.parametrize("language", LANGUAGES)
def test_true_statements_are_true_and_false_ones_false(language: Language) -> None:
    kinds = Counter[tuple[str, object]]()
    for world, item in matching_items(language):
        text = spans_text(item.inputs["text"])
        assert is_true(text, world) == item.answer, (text, world)
        kinds[item.kind, item.answer] += 1
    assert len(kinds) == 2 * len({kind for kind, _ in FACTORIES}) and min(kinds.values()) >= 10, kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_false_text_differs_from_a_true_one_in_one_word(language: Language) -> None:
    speaking, rng = lexicon_for(language), random.Random(5)
    seen = 0
    for world in worlds():
        for _, form in FACTORIES:
            change = form(world, speaking, rng)
            if change is None:
                continue
            seen += 1
            words, at, wrong = change
            assert wrong.text != words[at].text
            assert wrong.text.startswith(" ") == words[at].text.startswith(" ")
            assert spans_text(words) != spans_text((*words[:at], wrong, *words[at + 1 :]))
    assert seen > 1000


@pytest.mark.parametrize("language", LANGUAGES)
def test_half_of_the_texts_of_every_kind_are_true(language: Language) -> None:
    answers: dict[str, list[bool]] = {}
    for _, item in matching_items(language):
        answers.setdefault(item.kind, []).append(item.answer is True)
    for kind, each in answers.items():
        assert abs(sum(each) - len(each) / 2) < 3 * math.sqrt(len(each)) / 2, kind


def test_an_english_article_fits_the_replaced_word() -> None:
    for _, item in matching_items("en"):
        for article, word in re.findall(r"\b(an?) (\w)", spans_text(item.inputs["text"])):
            assert (article == "an") == (word in "aeiou"), spans_text(item.inputs["text"])


def test_no_object_is_called_absent_if_another_name_matches_it() -> None:
    index = {noun.en: at for at, noun in enumerate(atlas().nouns)}
    everything = {noun.en for noun in atlas(wide=True).nouns}
    named = [name for row in CONFUSABLE_NAMES for name in row]
    assert set(named) <= everything and len(set(named)) == len(named)
    rng = random.Random(9)
    fried, plain = index["fried egg"], index["egg"]
    scene = Scene((Thing(fried, 0, (10, 10, 40, 40), False, None),), 0, (0, 0, 0))
    questions = [make_item("ask", scene, "en", rng) for _ in range(600)]
    absent = {spans_text(each.inputs["question"]) for each in questions if each and each.answer == "no"}
    assert len(absent) > 30 and f"is there an {atlas().nouns[plain].en}?" not in absent
