"""Texts that are true of a scene, and the same with one word changed that makes them false: half of each.

The word put in fits the grammar of the rest (same article, same measure word) and is drawn like the one it replaces, so
the text alone does not tell which it is.
"""

import random
from collections.abc import Callable
from functools import cache

from plait.foundation.unified.worlds.absent_nouns import confusable, drawn
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.captions import caption, ground, present, related
from plait.foundation.unified.worlds.items import Item, Span, Words
from plait.foundation.unified.worlds.palette import GROUNDS
from plait.foundation.unified.worlds.phrases import red
from plait.foundation.unified.worlds.relations import OPPOSITE, alone, coloured, compared, named
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Voice, both, filled, word

PAINTED = both("{0}{1}{2}", "{0}{1}的{2}")  # a red car
MOST = 3  # a false number of things goes up to here

Change = tuple[Words, int, Span]  # a true text, and which word becomes what to make it false
Form = Callable[[Scene, Voice, random.Random], Change | None]


def matched(scene: Scene, voice: Voice, rng: random.Random) -> Item | None:
    """Of a form drawn by weight, or about nouns where the scene has none of it: the form tells little of the scene."""
    for kind, form in (*rng.choices(FORMS, WEIGHTS), *FORMS):
        change = form(scene, voice, rng)
        if change is not None:
            return judged(voice, change, kind, rng)
    return None


def judged(voice: Voice, change: Change, kind: str, rng: random.Random) -> Item:
    words, at, wrong = change
    true = rng.random() < 0.5
    if not true:
        words = (*words[:at], wrong, *words[at + 1 :])
    return Item("matches", voice.language, {"text": words}, true, kind, words_target(words))


def words_target(words: Words) -> tuple[int, ...]:
    return tuple(sorted({thing for span in words for thing in span.names or ()}))


def noun(scene: Scene, voice: Voice, rng: random.Random) -> Change | None:
    words = text_of_nouns(scene, voice, rng)
    at = rng.choice([i for i, span in enumerate(words) if span.names])
    names = words[at].names
    assert names
    right = scene.things[names[0]].noun
    wrong = drawn(voice.alike[right], confusable(scene), rng)
    if wrong is None:
        return None
    name = voice.nouns[wrong]
    plural = words[at].text.strip() != voice.nouns[right].single
    return words, at, respelled(words[at], name.plural if plural else name.single, ())


def text_of_nouns(scene: Scene, voice: Voice, rng: random.Random) -> Words:
    """The caption, one noun, two nouns, or two things and how they lie."""
    dice = rng.random()
    if dice < 0.3:
        return caption(scene, voice)
    if dice < 0.5 and (found := compared(scene)):
        subject, side, of, _ = rng.choice(found)
        return related(scene, voice, subject, side, of)
    nouns = list({thing.noun for thing in scene.things})
    return present(scene, voice, rng.sample(nouns, min(len(nouns), 2 if dice < 0.7 else 1)))


def respelled(span: Span, text: str, names: tuple[int, ...] | None) -> Span:
    return Span(" " + text if span.text.startswith(" ") else text, names)


def ground_colour(scene: Scene, voice: Voice, rng: random.Random) -> Change | None:
    colours = [other for other in same_article(voice, scene.ground) if other in possible_grounds(scene)]
    if not colours:
        return None
    words = caption(scene, voice) if rng.random() < 0.5 else ground(scene, voice)
    right = voice.colours[scene.ground].single
    at = next(i for i, span in enumerate(words) if span.names is None and span.text.strip() == right)
    return words, at, respelled(words[at], voice.colours[rng.choice(colours)].single, None)


def possible_grounds(scene: Scene) -> list[int]:
    """The colours that the ground could have had, so that no text names one that nothing in it is ever drawn on."""
    faint = atlas(scene.wide).faint
    return [ground for ground in GROUNDS if not any(faint[thing.style, thing.noun, ground] for thing in scene.things)]


@cache
def hues(wide: bool) -> tuple[frozenset[int], ...]:
    """The colours that each noun is drawn in: that a banana is not blue is known without a picture."""
    return tuple(frozenset(colours.tolist()) for colours in atlas(wide).colour.T)


def same_article(voice: Voice, colour: int) -> list[int]:
    """The other colours that may follow the same article."""
    of = voice.colours[colour].article
    return [other for other, name in enumerate(voice.colours) if other != colour and name.article == of]


def colour(scene: Scene, voice: Voice, rng: random.Random) -> Change | None:
    """A red car."""
    targets = [i for i in alone(scene) if scene.things[i].colour is not None]
    if not targets:
        return None
    target = rng.choice(targets)
    thing = scene.things[target]
    assert thing.colour is not None
    colours = [colour for colour in same_article(voice, thing.colour) if colour in hues(scene.wide)[thing.noun]]
    if not colours:
        return None
    name = voice.nouns[thing.noun]
    article = voice.colours[thing.colour].article or name.article
    cat = word(voice, name.single, (target,))
    words = filled(PAINTED[voice.language], word(voice, article), red(scene, voice, target), cat)
    wrong = rng.choice(colours)
    return words, 1, respelled(words[1], voice.colours[wrong].single, coloured(scene, wrong))


def count(scene: Scene, voice: Voice, rng: random.Random) -> Change | None:
    """Two things; two cats. A noun only where another has another count: so each number is as often right as wrong."""
    nouns = {thing.noun: named(scene, thing.noun) for thing in scene.things}
    counts = {len(names) for names in nouns.values()}
    if rng.random() < 0.5:
        if len(counts) < 2:
            return None
        of = rng.choice(list(nouns))
        right = len(nouns[of])
        wrong = rng.choice([number for number in counts if number != right])
        return numbered(voice, right, of, nouns[of]), 0, numbered(voice, wrong, of, nouns[of])[0]
    right = len(scene.things)
    wrong = rng.choice([number for number in range(1, max(MOST, right) + 1) if number != right])
    return numbered(voice, right, None, None), 0, numbered(voice, wrong, None, None)[0]


def numbered(voice: Voice, number: int, noun: int | None, names: tuple[int, ...] | None) -> Words:
    """Number and noun as one span, because the noun changes with the number: "two cats"."""
    name = voice.thing if noun is None else voice.nouns[noun]
    text = name.single if number == 1 else name.plural
    return (Span(voice.numbers[number] + name.measure + voice.blank + text, names),)


def relation(scene: Scene, voice: Voice, rng: random.Random) -> Change | None:
    """A cat left of a dog, where there is a third thing that the cat lies right of."""
    found = compared(scene)
    if not found:
        return None
    subject, side, of, _ = rng.choice(found)
    words = related(scene, voice, subject, side, of)
    wrong = related(scene, voice, subject, OPPOSITE[side], of)
    at = next(i for i, (one, other) in enumerate(zip(words, wrong, strict=True)) if one != other)
    return words, at, wrong[at]


FORMS: tuple[tuple[str, Form], ...] = (
    ("noun", noun),
    ("colour", ground_colour),
    ("own colour", colour),
    ("count", count),
    ("relation", relation),
)
WEIGHTS = (28, 10, 36, 14, 22)
