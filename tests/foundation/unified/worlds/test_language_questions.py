"""Answers, worked out again from the words of the question and the boxes alone."""

import math
import random
import re
from collections import Counter
from functools import cache
from itertools import permutations

import pytest

from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import Item, Language, Span, Spans, spans_text
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import Scene, Thing
from plait.foundation.unified.worlds.task_items import make_item
from plait.foundation.unified.worlds.wording import LANGUAGES

KINDS = {
    *("count", "count of a noun", "count of a class", "exists", "ground colour"),
    *("colour", "where", "which", "what is beside", "relation"),
}
SIDE = {"left of": "left", "right of": "right", "左边": "left", "右边": "right", "上面": "above", "下面": "below"}
YES_NO = {"yes": True, "no": False, "是": True, "否": False}


@cache
def worlds(things: int | None = None) -> list[Scene]:
    rng = random.Random(7)
    return [sample_scene(rng, count=things) for _ in range(800)]


@cache
def asked(language: Language, things: int | None = None) -> list[tuple[Scene, Item]]:
    rng = random.Random(8)
    return [(world, found) for world in worlds(things) * 8 if (found := make_item("ask", world, language, rng))]


def answer(question: str, world: Scene) -> str | bool | None:
    """In words of the language of the question; None where there is no one answer."""
    things = world.things
    if question in ("how many things are there?", "有几个东西？"):
        return str(len(things))
    if found := re.fullmatch(r"how many (.+) are there\?", question):
        return str(sum(found[1] in (named(thing).plural, named(thing).noun_class.plural) for thing in things))
    if found := re.fullmatch(r"有几(.+)？", question):
        return str(sum(found[1] in measured(thing) for thing in things))
    if found := re.fullmatch(r"is there an? (.+)\?|有(.+)吗？", question):
        return bool(those(found[1] or found[2], world))
    if question == "what colour is the ground?":
        return COLOURS[world.ground].en
    if question == "背景是什么颜色？":
        return COLOURS[world.ground].zh_full
    if found := re.fullmatch(r"what colour is the (.+)\?", question):
        return COLOURS[only(found[1], world).colour or 0].en
    if found := re.fullmatch(r"(.+)是什么颜色？", question):
        return COLOURS[only(found[1], world).colour or 0].zh_full
    if found := re.fullmatch(r"where is the (.+)\?", question):
        return place(only(found[1], world), (("top", "", "bottom"), ("left", "", "right")), " ", "middle")
    if found := re.fullmatch(r"(.+)在哪里？", question):
        return place(only(found[1], world), (("上", "", "下"), ("左", "", "右")), "", "中间", across_first=True)
    if found := re.fullmatch(r"what is the (left|right|top|bottom|large|small)(?:est|st|most) thing\?", question):
        return named(most(found[1], world)).en
    if found := re.fullmatch(r"最(..?)的东西是什么？", question):
        return named(most(found[1], world)).zh
    if found := re.fullmatch(r"what is the first thing (.+) the (.+)\?", question):
        return beside(found[2], SIDE.get(found[1], found[1]), world, "en")
    if found := re.fullmatch(r"(.+)(左边|右边|上面|下面)第一个东西是什么？", question):
        return beside(found[1], SIDE[found[2]], world, "zh")
    if found := re.fullmatch(r"is the (.+) (left of|right of|above|below) the (.+)\?", question):
        return compared(only(found[1], world), SIDE.get(found[2], found[2]), only(found[3], world))
    found = re.fullmatch(r"(.+)在(.+)(左边|右边|上面|下面)吗？", question)
    assert found, question
    return compared(only(found[1], world), SIDE[found[3]], only(found[2], world))


def named(thing: Thing):
    return atlas().nouns[thing.noun]


def measured(thing: Thing) -> set[str]:
    noun = named(thing)
    return {noun.measure + noun.zh, noun.noun_class.measure + noun.noun_class.zh}


def those(name: str, world: Scene) -> list[Thing]:
    return [thing for thing in world.things if name in (named(thing).en, named(thing).zh)]


def only(name: str, world: Scene) -> Thing:
    (thing,) = those(name, world)
    return thing


def place(thing: Thing, names: tuple, between: str, middle: str, across_first: bool = False) -> str:
    down, across = (names[axis][int(thing.centre[1 - axis] // 32)] for axis in (0, 1))
    both = (across, down) if across_first else (down, across)
    return between.join(word for word in both if word) or middle


def most(edge: str, world: Scene) -> Thing:
    x, y, side = (lambda thing: thing.centre[0]), (lambda thing: thing.centre[1]), (lambda thing: thing.side)
    least = {"left": x, "top": y, "small": side, "左边": x, "上面": y, "小": side}
    greatest = {"right": x, "bottom": y, "large": side, "大": side, "右边": x, "下面": y}
    return min(world.things, key=least[edge]) if edge in least else max(world.things, key=greatest[edge])


def beside(name: str, side: str, world: Scene, language: Language) -> str | None:
    axis = 0 if side in ("left", "right") else 1
    order = sorted(world.things, key=lambda thing: thing.centre[axis], reverse=side in ("right", "below"))
    at = order.index(only(name, world))
    return getattr(named(order[at - 1]), language) if at else None


def compared(one: Thing, side: str, other: Thing) -> bool | None:
    axis, way = (0 if side in ("left", "right") else 1), (1 if side in ("left", "above") else -1)
    ahead = way * (other.centre[axis] - one.centre[axis])
    return None if abs(ahead) < 10 else ahead > 0


def renamed(words: Spans, at: int, name: str) -> Spans:
    blank = " " if words[at].text.startswith(" ") else ""
    return *words[:at], Span(blank + name), *words[at + 1 :]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_follows_from_the_boxes(language: Language) -> None:
    kinds = Counter[str]()
    for world, found in asked(language):
        expected = answer(spans_text(found.inputs["question"]), world)
        assert (YES_NO[found.answer] if isinstance(expected, bool) else found.answer) == expected, found
        kinds[found.kind] += 1
    assert set(kinds) == KINDS and min(kinds.values()) >= 20, kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_relation_question_has_another_answer_for_another_reference(language: Language) -> None:
    found = [pair for pair in asked(language, 3) if pair[1].kind in ("relation", "what is beside")]
    for world, asking in found:
        words = asking.inputs["question"]
        mine = [at for at, span in enumerate(words) if span.names]
        said_of = {thing for at in mine for thing in words[at].names}
        others = [getattr(named(thing), language) for at, thing in enumerate(world.things) if at not in said_of]
        exchanged = [spans_text(renamed(words, at, other)) for at in mine for other in others]
        right = answer(spans_text(words), world)
        assert any(answer(each, world) not in (right, None) for each in exchanged), words
    assert len(found) > 100


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["exists", "relation"])
def test_half_of_the_yes_no_questions_have_the_answer_yes(language: Language, kind: str) -> None:
    answers = [YES_NO[found.answer] for _, found in asked(language, 3) if found.kind == kind]
    assert len(answers) > 400
    assert abs(sum(answers) - len(answers) / 2) < 3 * math.sqrt(len(answers)) / 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_about_half_of_the_count_questions_have_the_answer_none(language: Language) -> None:
    answers = [found.answer for _, found in asked(language) if found.kind == "count of a noun"]
    assert 0.4 < answers.count("0") / len(answers) < 0.55


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_questions_exclude_objects_near_a_border_of_regions(language: Language) -> None:
    found = [world.things[each.target[0]].centre for world, each in asked(language) if each.kind == "where"]
    assert len(found) > 200
    assert all(abs(at - border) >= 4 for centre in found for at in centre for border in (32, 64))


def test_different_objects_have_different_names() -> None:
    nouns = atlas().nouns
    for one, other in permutations(nouns, 2):
        assert one.en != other.en and one.zh != other.zh and one.plural != other.plural
        assert other.noun_class.en != one.en and other.noun_class.zh != one.zh
