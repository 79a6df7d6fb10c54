"""Answers, worked out again from the words of the question and the boxes alone."""

import math
import random
import re
from collections import Counter
from functools import cache
from itertools import permutations

import pytest

from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import GroundedText, Item, Language, Spans, spans_text
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
def question_items(language: Language, things: int | None = None) -> list[tuple[Scene, Item]]:
    rng = random.Random(8)
    return [(world, item) for world in worlds(things) * 8 if (item := make_item("ask", world, language, rng))]


def answer(question: str, world: Scene) -> str | bool | None:
    """In words of the language of the question; None where there is no one answer."""
    things = world.things
    if question in ("how many things are there?", "有几个东西？"):
        return str(len(things))
    if match := re.fullmatch(r"how many (.+) are there\?", question):
        return str(sum(match[1] in (names_of(thing).plural, names_of(thing).noun_class.plural) for thing in things))
    if match := re.fullmatch(r"有几(.+)？", question):
        return str(sum(match[1] in counted_names_of(thing) for thing in things))
    if match := re.fullmatch(r"is there an? (.+)\?|有(.+)吗？", question):
        return bool(things_called(match[1] or match[2], world))
    if question == "what colour is the ground?":
        return COLOURS[world.ground].en
    if question == "背景是什么颜色？":
        return COLOURS[world.ground].zh_full
    if match := re.fullmatch(r"what colour is the (.+)\?", question):
        return COLOURS[the_thing_called(match[1], world).colour or 0].en
    if match := re.fullmatch(r"(.+)是什么颜色？", question):
        return COLOURS[the_thing_called(match[1], world).colour or 0].zh_full
    if match := re.fullmatch(r"where is the (.+)\?", question):
        return place(the_thing_called(match[1], world), (("top", "", "bottom"), ("left", "", "right")), " ", "middle")
    if match := re.fullmatch(r"(.+)在哪里？", question):
        return place(
            the_thing_called(match[1], world), (("上", "", "下"), ("左", "", "右")), "", "中间", across_first=True
        )
    if match := re.fullmatch(r"what is the (left|right|top|bottom|large|small)(?:est|st|most) thing\?", question):
        return names_of(outermost_thing(match[1], world)).en
    if match := re.fullmatch(r"最(..?)的东西是什么？", question):
        return names_of(outermost_thing(match[1], world)).zh
    if match := re.fullmatch(r"what is the first thing (.+) the (.+)\?", question):
        return name_beside(match[2], SIDE.get(match[1], match[1]), world, "en")
    if match := re.fullmatch(r"(.+)(左边|右边|上面|下面)第一个东西是什么？", question):
        return name_beside(match[1], SIDE[match[2]], world, "zh")
    if match := re.fullmatch(r"is the (.+) (left of|right of|above|below) the (.+)\?", question):
        return compare(
            the_thing_called(match[1], world), SIDE.get(match[2], match[2]), the_thing_called(match[3], world)
        )
    match = re.fullmatch(r"(.+)在(.+)(左边|右边|上面|下面)吗？", question)
    assert match, question
    return compare(the_thing_called(match[1], world), SIDE[match[3]], the_thing_called(match[2], world))


def names_of(thing: Thing):
    return atlas().nouns[thing.noun]


def counted_names_of(thing: Thing) -> set[str]:
    noun = names_of(thing)
    return {noun.measure + noun.zh, noun.noun_class.measure + noun.noun_class.zh}


def things_called(name: str, world: Scene) -> list[Thing]:
    return [thing for thing in world.things if name in (names_of(thing).en, names_of(thing).zh)]


def the_thing_called(name: str, world: Scene) -> Thing:
    (thing,) = things_called(name, world)
    return thing


def place(thing: Thing, names: tuple, between: str, middle: str, across_first: bool = False) -> str:
    down, across = (names[axis][int(thing.centre[1 - axis] // 32)] for axis in (0, 1))
    both = (across, down) if across_first else (down, across)
    return between.join(word for word in both if word) or middle


def outermost_thing(edge: str, world: Scene) -> Thing:
    x, y, side = (lambda thing: thing.centre[0]), (lambda thing: thing.centre[1]), (lambda thing: thing.side)
    least = {"left": x, "top": y, "small": side, "左边": x, "上面": y, "小": side}
    greatest = {"right": x, "bottom": y, "large": side, "大": side, "右边": x, "下面": y}
    return min(world.things, key=least[edge]) if edge in least else max(world.things, key=greatest[edge])


def name_beside(name: str, side: str, world: Scene, language: Language) -> str | None:
    axis = 0 if side in ("left", "right") else 1
    order = sorted(world.things, key=lambda thing: thing.centre[axis], reverse=side in ("right", "below"))
    at = order.index(the_thing_called(name, world))
    return getattr(names_of(order[at - 1]), language) if at else None


def compare(one: Thing, side: str, other: Thing) -> bool | None:
    axis, way = (0 if side in ("left", "right") else 1), (1 if side in ("left", "above") else -1)
    ahead = way * (other.centre[axis] - one.centre[axis])
    return None if abs(ahead) < 10 else ahead > 0


def rename_at(words: Spans, at: int, name: str) -> Spans:
    blank = " " if words[at].text.startswith(" ") else ""
    return *words[:at], GroundedText(blank + name), *words[at + 1 :]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_answer_follows_from_the_boxes(language: Language) -> None:
    kinds = Counter[str]()
    for world, item in question_items(language):
        expected = answer(spans_text(item.inputs["question"]), world)
        assert (YES_NO[item.answer] if isinstance(expected, bool) else item.answer) == expected, item
        kinds[item.kind] += 1
    assert set(kinds) == KINDS and min(kinds.values()) >= 20, kinds


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_relation_question_has_another_answer_for_another_reference(language: Language) -> None:
    pairs = [pair for pair in question_items(language, 3) if pair[1].kind in ("relation", "what is beside")]
    for world, asking in pairs:
        words = asking.inputs["question"]
        mine = [at for at, span in enumerate(words) if span.names]
        things_named = {thing for at in mine for thing in words[at].names}
        others = [getattr(names_of(thing), language) for at, thing in enumerate(world.things) if at not in things_named]
        exchanged = [spans_text(rename_at(words, at, other)) for at in mine for other in others]
        right = answer(spans_text(words), world)
        assert any(answer(each, world) not in (right, None) for each in exchanged), words
    assert len(pairs) > 100


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["exists", "relation"])
def test_half_of_the_yes_no_questions_have_the_answer_yes(language: Language, kind: str) -> None:
    answers = [YES_NO[item.answer] for _, item in question_items(language, 3) if item.kind == kind]
    assert len(answers) > 400
    assert abs(sum(answers) - len(answers) / 2) < 3 * math.sqrt(len(answers)) / 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_about_half_of_the_count_questions_have_the_answer_none(language: Language) -> None:
    answers = [item.answer for _, item in question_items(language) if item.kind == "count of a noun"]
    assert 0.4 < answers.count("0") / len(answers) < 0.55


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_questions_exclude_objects_near_a_border_of_regions(language: Language) -> None:
    centres = [world.things[each.target[0]].centre for world, each in question_items(language) if each.kind == "where"]
    assert len(centres) > 200
    assert all(abs(at - border) >= 4 for centre in centres for at in centre for border in (32, 64))


def test_different_objects_have_different_names() -> None:
    nouns = atlas().nouns
    for one, other in permutations(nouns, 2):
        assert one.en != other.en and one.zh != other.zh and one.plural != other.plural
        assert other.noun_class.en != one.en and other.noun_class.zh != one.zh
