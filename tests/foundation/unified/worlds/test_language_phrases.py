"""Every phrase names one thing: found again from the words alone, by other means than those that wrote it."""

import random
import re
from collections import Counter
from dataclasses import replace

import pytest

from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.items import Language, spans_text
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.phrases import FACTORIES, by_relation, sample_phrase
from plait.foundation.unified.worlds.sampling import sample_scene
from plait.foundation.unified.worlds.scene import Scene, Thing
from plait.foundation.unified.worlds.wording import LANGUAGES, lexicon_for

BOTTOM, TOP, LEFT, RIGHT = (1, -1), (1, 1), (0, 1), (0, -1)  # axis, and which way it is ordered
EDGES = {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM, "左": LEFT, "右": RIGHT, "上": TOP, "下": BOTTOM}
EDGES |= {"above": TOP, "below": BOTTOM}
NUMBERS = {"second": 1, "third": 2, "二": 1, "三": 2}


def resolve_phrase(text: str, scene: Scene) -> set[int]:
    """The things that the phrase could mean."""
    english = re.fullmatch(r"the (.+)", text)
    return in_english(english[1], scene) if english else in_chinese(text, scene)


def in_english(text: str, scene: Scene) -> set[int]:
    everything = set(range(len(scene.things)))
    if text in ("largest thing", "smallest thing"):
        return by_size(scene, everything, text.startswith("largest"))
    if match := re.fullmatch(r"(left|right|top|bottom)most thing", text):
        return {sorted_things(scene, match[1])[0]}
    if match := re.fullmatch(r"(second|third) thing from the (left|right)", text):
        return {sorted_things(scene, match[2])[NUMBERS[match[1]]]}
    if match := re.fullmatch(r"first thing (left of|right of|above|below) the (.+)", text):
        return {thing_before(scene, match[1].split()[0], of) for of in in_english(match[2], scene)}
    if match := re.fullmatch(r"thing in the (top|bottom) (left|right) corner", text):
        return in_corner(scene, match[1], match[2])
    if match := re.fullmatch(r"(.+) (?:on|at) the (left|right|top|bottom)", text):
        return {sorted_things(scene, match[2], things_called(match[1], scene))[0]}
    if match := re.fullmatch(r"(large|small) (.+)", text):
        return by_size(scene, things_called(match[2], scene), match[1] == "large")
    first, _, rest = text.partition(" ")
    if first in {colour.en for colour in COLOURS}:
        return things_of_colour(first, scene) & (everything if rest == "thing" else things_called(rest, scene))
    return things_called(text, scene)


def in_chinese(text: str, scene: Scene) -> set[int]:
    everything = set(range(len(scene.things)))
    if text in ("最大的东西", "最小的东西"):
        return by_size(scene, everything, "大" in text)
    if match := re.fullmatch(r"最([左右上下])[边面]的东西", text):
        return {sorted_things(scene, match[1])[0]}
    if match := re.fullmatch(r"([左右])起第([二三])个东西", text):
        return {sorted_things(scene, match[1])[NUMBERS[match[2]]]}
    if match := re.fullmatch(r"(.+)([左右上下])[边面]第一个东西", text):
        return {thing_before(scene, match[2], of) for of in things_called(match[1], scene)}
    if match := re.fullmatch(r"([左右])([上下])角的东西", text):
        return in_corner(scene, match[2], match[1])
    if match := re.fullmatch(r"([左右上下])[边面]的(.+)", text):
        return {sorted_things(scene, match[1], things_called(match[2], scene))[0]}
    if match := re.fullmatch(r"([大小])的(.+)", text):
        return by_size(scene, things_called(match[2], scene), match[1] == "大")
    if match := re.fullmatch(r"(.色)的(.+)", text):
        return things_of_colour(match[1], scene) & (
            everything if match[2] == "东西" else things_called(match[2], scene)
        )
    return things_called(text, scene)


def things_called(name: str, scene: Scene) -> set[int]:
    nouns = atlas().nouns
    names = [
        {noun.en, noun.zh, noun.noun_class.en, noun.noun_class.zh}
        for noun in (nouns[thing.noun] for thing in scene.things)
    ]
    return {at for at, known in enumerate(names) if name in known}


def things_of_colour(colour: str, scene: Scene) -> set[int]:
    """Also what has no one colour: it may be that one in part."""
    names = {(each.en, each.zh_full) for each in COLOURS if colour in (each.en, each.zh_full)}
    return {
        at
        for at, thing in enumerate(scene.things)
        if thing.colour is None or (COLOURS[thing.colour].en, COLOURS[thing.colour].zh_full) in names
    }


def sorted_things(scene: Scene, edge: str, among: set[int] | None = None) -> list[int]:
    """From that edge inwards, none within ten pixels of the next."""
    axis, way = EDGES[edge]
    places = {at: thing.centre[axis] for at, thing in enumerate(scene.things) if among is None or at in among}
    return sorted(places, key=lambda at: way * places[at])


def thing_before(scene: Scene, edge: str, reference: int) -> int:
    order = sorted_things(scene, edge)
    return order[order.index(reference) - 1]


def by_size(scene: Scene, among: set[int], largest: bool) -> set[int]:
    sides = {at: scene.things[at].side for at in among}
    best = (max if largest else min)(sides.values())
    assert all(side == best or max(side, best) >= 1.35 * min(side, best) for side in sides.values())
    return {at for at, side in sides.items() if side == best}


def in_corner(scene: Scene, vertical: str, horizontal: str) -> set[int]:
    def near(place: float, edge: str) -> bool:
        return place < 32 if EDGES[edge][1] > 0 else place > 64

    return {
        at
        for at, thing in enumerate(scene.things)
        if near(thing.centre[0], horizontal) and near(thing.centre[1], vertical)
    }


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_phrase_of_any_form_identifies_exactly_one_object(language: Language) -> None:
    rng, kinds = random.Random(1), Counter[str]()
    for _ in range(700):
        world = sample_scene(rng)
        for form in FACTORIES:
            named = form(world, lexicon_for(language), rng)
            if named is not None:
                kinds[named.kind] += 1
                assert resolve_phrase(spans_text(named.spans), world) == {named.target}, spans_text(named.spans)
    assert len(kinds) == len(FACTORIES) + 1 and min(kinds.values()) >= 10, kinds  # twins are told apart in two ways


def test_the_resolver_of_this_test_detects_an_ambiguous_phrase() -> None:
    cat = Thing(3, 0, (0, 0, 20, 20), False, None)
    twins = Scene((cat, replace(cat, box=(60, 60, 80, 80))), 0, (0, 0, 0))
    assert resolve_phrase(f"the {atlas().nouns[3].en}", twins) == {0, 1}
    assert resolve_phrase("the red thing", twins) == {0, 1}


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_relation_with_another_reference_identifies_another_object(language: Language) -> None:
    rng, seen = random.Random(2), 0
    for _ in range(600):
        world = sample_scene(rng, count=3)
        named = by_relation(world, lexicon_for(language), rng)
        if named is None:
            continue
        seen += 1
        nouns = lexicon_for(language).nouns
        (at,) = (at for at, span in enumerate(named.spans) if span.names)
        start, end = spans_text(named.spans[:at]), spans_text(named.spans[at + 1 :])
        blank = " " if language == "en" else ""
        (reference,) = named.spans[at].names
        others = [nouns[thing.noun].singular for i, thing in enumerate(world.things) if i != reference]
        text = spans_text(named.spans)
        answers = [
            resolve_phrase(start + (blank if start else "") + other + end, world)
            for other in others
            if len(things_called(other, world)) == 1
        ]
        assert any(answer != {named.target} for answer in answers), text
    assert seen > 100


@pytest.mark.parametrize("language", LANGUAGES)
def test_words_are_linked_to_the_objects_they_name(language: Language) -> None:
    rng = random.Random(3)
    for _ in range(300):
        world = sample_scene(rng)
        named = sample_phrase(world, lexicon_for(language), rng)
        for span in named.spans if named else ():
            if span.names and things_called(span.text.strip(), world):
                assert set(span.names) == things_called(span.text.strip(), world)
