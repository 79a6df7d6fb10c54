"""Questions about a scene, each with one right answer that takes all that the question names."""

import random
from collections.abc import Callable

from plait.foundation.unified.worlds.absent_nouns import absent
from plait.foundation.unified.worlds.items import Item, Words
from plait.foundation.unified.worlds.phrases import EXTREME, FURTHEST, noun_words
from plait.foundation.unified.worlds.relations import (
    RELATIONS,
    alone,
    cell,
    compared,
    extreme,
    furthest,
    named,
    neighbours,
)
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Name, Voice, both, filled, one, word

HOW_MANY_THINGS = both("how many things are there?", "有几个东西？")
HOW_MANY = both("how many{0} are there?", "有几{1}{0}？")
IS_THERE = both("is there{0}?", "有{0}吗？")
GROUND = both("what colour is the ground?", "背景是什么颜色？")
COLOUR = both("what colour is the{0}?", "{0}是什么颜色？")
WHERE = both("where is the{0}?", "{0}在哪里？")
WHICH = both("what is the{0} thing?", "{0}的东西是什么？")
BESIDE = {
    "left": both("what is the first thing left of the{0}?", "{0}左边第一个东西是什么？"),
    "right": both("what is the first thing right of the{0}?", "{0}右边第一个东西是什么？"),
    "above": both("what is the first thing above the{0}?", "{0}上面第一个东西是什么？"),
    "below": both("what is the first thing below the{0}?", "{0}下面第一个东西是什么？"),
}
IS_BESIDE = {
    "left": both("is the{0} left of the{1}?", "{0}在{1}左边吗？"),
    "right": both("is the{0} right of the{1}?", "{0}在{1}右边吗？"),
    "above": both("is the{0} above the{1}?", "{0}在{1}上面吗？"),
    "below": both("is the{0} below the{1}?", "{0}在{1}下面吗？"),
}
YES_NO = {"en": {True: "yes", False: "no"}, "zh": {True: "是", False: "否"}}
PLACES = {
    "en": ("top left", "top", "top right", "left", "middle", "right", "bottom left", "bottom", "bottom right"),
    "zh": ("左上", "上", "右上", "左", "中间", "右", "左下", "下", "右下"),
}

Form = Callable[[Scene, Voice, random.Random], Item | None]


def question(scene: Scene, voice: Voice, rng: random.Random) -> Item:
    """A question of a form drawn by weight, among those that the scene offers."""
    while True:
        drawn = rng.choices(FORMS, WEIGHTS)[0](scene, voice, rng)
        if drawn is not None:
            return drawn


def asked(voice: Voice, words: Words, answer: str, kind: str, target: tuple[int, ...] = ()) -> Item:
    return Item("ask", voice.language, {"question": words}, answer, kind, target)


def how_many_things(scene: Scene, voice: Voice, rng: random.Random) -> Item:
    count = len(scene.things)
    return asked(voice, filled(HOW_MANY_THINGS[voice.language]), str(count), "count", tuple(range(count)))


def how_many(scene: Scene, voice: Voice, rng: random.Random) -> Item:
    """Each count that the scene has, and none, is asked for equally often."""
    counts: dict[int, list[int]] = {}
    for noun in {thing.noun for thing in scene.things}:
        counts.setdefault(len(named(scene, noun)), []).append(noun)
    number = rng.choice((0, *counts))
    noun = rng.choice(counts[number]) if number else absent(scene, rng)
    return counting(voice, voice.nouns[noun], named(scene, noun), "count of a noun")


def how_many_of_a_class(scene: Scene, voice: Voice, rng: random.Random) -> Item | None:
    """As often of a class that is absent, in scenes that have one."""
    kinds = [voice.kinds[thing.noun] for thing in scene.things]
    present = list(dict.fromkeys(kind for kind in kinds if kind is not None))
    if not present:
        return None
    there = rng.random() < 0.5
    kind = rng.choice(present if there else [kind for kind in voice.classes if kind not in present])
    names = tuple(i for i, other in enumerate(kinds) if other == kind)
    return counting(voice, kind, names, "count of a class")


def counting(voice: Voice, name: Name, names: tuple[int, ...], kind: str) -> Item:
    measure = word(voice, name.measure)
    words = filled(HOW_MANY[voice.language], word(voice, name.plural, names), measure)
    return asked(voice, words, str(len(names)), kind, names)


def exists(scene: Scene, voice: Voice, rng: random.Random) -> Item:
    """Half of them yes."""
    there = rng.random() < 0.5
    noun = rng.choice(scene.things).noun if there else absent(scene, rng)
    names = named(scene, noun)
    if voice.language == "en":
        words = filled(IS_THERE["en"], one(voice, voice.nouns[noun], names))
    else:
        words = filled(IS_THERE["zh"], word(voice, voice.nouns[noun].single, names))
    return asked(voice, words, YES_NO[voice.language][there], "exists", names)


def ground(scene: Scene, voice: Voice, rng: random.Random) -> Item:
    return asked(voice, filled(GROUND[voice.language]), voice.colours[scene.ground].single, "ground colour")


def colour(scene: Scene, voice: Voice, rng: random.Random) -> Item | None:
    targets = [i for i in alone(scene) if scene.things[i].colour is not None]
    if not targets:
        return None
    target = rng.choice(targets)
    painted = scene.things[target].colour
    assert painted is not None
    words = filled(COLOUR[voice.language], noun_words(scene, voice, scene.things[target].noun))
    return asked(voice, words, voice.colours[painted].single, "colour", (target,))


def where(scene: Scene, voice: Voice, rng: random.Random) -> Item | None:
    targets = [(i, place) for i in alone(scene) if (place := cell(scene.things[i])) is not None]
    if not targets:
        return None
    target, place = rng.choice(targets)
    words = filled(WHERE[voice.language], noun_words(scene, voice, scene.things[target].noun))
    return asked(voice, words, PLACES[voice.language][place], "where", (target,))


def which(scene: Scene, voice: Voice, rng: random.Random) -> Item | None:
    """What is the leftmost thing, the largest thing?"""
    if rng.random() < 0.6:
        side = rng.choice(RELATIONS)
        target, most = furthest(scene, side), FURTHEST[side]
    else:
        largest = rng.random() < 0.5
        target, most = extreme(scene, largest), EXTREME[largest]
    if target is None:
        return None
    adjective = word(voice, most[voice.language], (target,))
    return asked(voice, filled(WHICH[voice.language], adjective), noun_of(scene, voice, target), "which", (target,))


def what_is_beside(scene: Scene, voice: Voice, rng: random.Random) -> Item | None:
    """What is the first thing left of the cat, where the answer would be another noun for another reference?"""
    found = neighbours(scene) if len(alone(scene)) == len(scene.things) else []
    if not found:
        return None
    target, side, reference = rng.choice(found)
    words = filled(BESIDE[side][voice.language], noun_words(scene, voice, scene.things[reference].noun))
    return asked(voice, words, noun_of(scene, voice, target), "what is beside", (target,))


def is_beside(scene: Scene, voice: Voice, rng: random.Random) -> Item | None:
    """Is the cat left of the dog, where the answer would be another for a third thing? Half of them yes."""
    found = compared(scene)
    if not found:
        return None
    subject, side, reference, third = rng.choice(found)
    if rng.random() < 0.5:
        yes, asked_side, asked_of = True, side, reference
    else:
        yes, asked_side, asked_of = False, side, third
    subject_words, reference_words = (noun_words(scene, voice, scene.things[i].noun) for i in (subject, asked_of))
    words = filled(IS_BESIDE[asked_side][voice.language], subject_words, reference_words)
    return asked(voice, words, YES_NO[voice.language][yes], "relation", (subject, asked_of))


def noun_of(scene: Scene, voice: Voice, thing: int) -> str:
    return voice.nouns[scene.things[thing].noun].single


FORMS: tuple[Form, ...] = (
    how_many_things,
    how_many,
    how_many_of_a_class,
    exists,
    ground,
    colour,
    where,
    which,
    what_is_beside,
    is_beside,
)
WEIGHTS = (9, 10, 7, 18, 9, 7, 10, 10, 25, 14)
