"""Texts that are true of a scene, and the same with one word changed that makes them false: half of each.

The word put in fits the grammar of the rest (same article, same measure word) and is drawn like the one it replaces, so
the text alone does not tell which it is.
"""

import random
from collections.abc import Callable
from functools import cache

from plait.foundation.unified.worlds.absent_nouns import confusable_nouns, sample_noun
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.captions import caption, ground_caption, nouns_caption, relation_caption
from plait.foundation.unified.worlds.items import Item, Span, Spans
from plait.foundation.unified.worlds.palette import GROUNDS
from plait.foundation.unified.worlds.phrases import colour_word
from plait.foundation.unified.worlds.relations import (
    OPPOSITE,
    clear_comparisons,
    things_with_colour,
    things_with_noun,
    unique_things,
)
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Lexicon, bilingual_template, fill_template, word_span

COLOURED_NOUN_TEMPLATES = bilingual_template("{0}{1}{2}", "{0}{1}的{2}")  # a red car
MAX_COUNT = 3  # a false number of things goes up to here

Corruption = tuple[Spans, int, Span]  # a true text, and which word becomes what to make it false
CorruptionFactory = Callable[[Scene, Lexicon, random.Random], Corruption | None]


def matches_item(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    """Of a form drawn by weight, or about nouns where the scene has none of it: the form tells little of the scene."""
    for kind, form in (*rng.choices(FACTORIES, WEIGHTS), *FACTORIES):
        change = form(scene, lexicon, rng)
        if change is not None:
            return item_from_corruption(lexicon, change, kind, rng)
    return None


def item_from_corruption(lexicon: Lexicon, corruption: Corruption, kind: str, rng: random.Random) -> Item:
    words, at, wrong = corruption
    true = rng.random() < 0.5
    if not true:
        words = (*words[:at], wrong, *words[at + 1 :])
    return Item("matches", lexicon.language, {"text": words}, true, kind, named_things(words))


def named_things(spans: Spans) -> tuple[int, ...]:
    return tuple(sorted({thing for span in spans for thing in span.names or ()}))


def corrupt_noun(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    words = noun_text(scene, lexicon, rng)
    at = rng.choice([i for i, span in enumerate(words) if span.names])
    names = words[at].names
    assert names
    right = scene.things[names[0]].noun
    wrong = sample_noun(lexicon.replacements[right], confusable_nouns(scene), rng)
    if wrong is None:
        return None
    name = lexicon.nouns[wrong]
    plural = words[at].text.strip() != lexicon.nouns[right].singular
    return words, at, replace_word(words[at], name.plural if plural else name.singular, ())


def noun_text(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Spans:
    """The caption, one noun, two nouns, or two things and how they lie."""
    dice = rng.random()
    if dice < 0.3:
        return caption(scene, lexicon)
    if dice < 0.5 and (found := clear_comparisons(scene)):
        subject, side, of, _ = rng.choice(found)
        return relation_caption(scene, lexicon, subject, side, of)
    nouns = list({thing.noun for thing in scene.things})
    return nouns_caption(scene, lexicon, rng.sample(nouns, min(len(nouns), 2 if dice < 0.7 else 1)))


def replace_word(span: Span, text: str, names: tuple[int, ...] | None) -> Span:
    return Span(" " + text if span.text.startswith(" ") else text, names)


def corrupt_ground_colour(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    colours = [other for other in colours_with_same_article(lexicon, scene.ground) if other in visible_grounds(scene)]
    if not colours:
        return None
    words = caption(scene, lexicon) if rng.random() < 0.5 else ground_caption(scene, lexicon)
    right = lexicon.colours[scene.ground].singular
    at = next(i for i, span in enumerate(words) if span.names is None and span.text.strip() == right)
    return words, at, replace_word(words[at], lexicon.colours[rng.choice(colours)].singular, None)


def visible_grounds(scene: Scene) -> list[int]:
    """The colours that the ground could have had, so that no text names one that nothing in it is ever drawn on."""
    faint = atlas(scene.wide).faint
    return [ground for ground in GROUNDS if not any(faint[thing.style, thing.noun, ground] for thing in scene.things)]


@cache
def noun_colours(wide: bool) -> tuple[frozenset[int], ...]:
    """The colours that each noun is drawn in: that a banana is not blue is known without a picture."""
    return tuple(frozenset(colours.tolist()) for colours in atlas(wide).colour.T)


def colours_with_same_article(lexicon: Lexicon, colour: int) -> list[int]:
    """The other colours that may follow the same article."""
    of = lexicon.colours[colour].article
    return [other for other, name in enumerate(lexicon.colours) if other != colour and name.article == of]


def corrupt_colour(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    """A red car."""
    targets = [i for i in unique_things(scene) if scene.things[i].colour is not None]
    if not targets:
        return None
    target = rng.choice(targets)
    thing = scene.things[target]
    assert thing.colour is not None
    colours = [
        colour
        for colour in colours_with_same_article(lexicon, thing.colour)
        if colour in noun_colours(scene.wide)[thing.noun]
    ]
    if not colours:
        return None
    name = lexicon.nouns[thing.noun]
    article = lexicon.colours[thing.colour].article or name.article
    cat = word_span(lexicon, name.singular, (target,))
    words = fill_template(
        COLOURED_NOUN_TEMPLATES[lexicon.language], word_span(lexicon, article), colour_word(scene, lexicon, target), cat
    )
    wrong = rng.choice(colours)
    return words, 1, replace_word(words[1], lexicon.colours[wrong].singular, things_with_colour(scene, wrong))


def corrupt_count(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    """Two things; two cats. A noun only where another has another count: so each number is as often right as wrong."""
    nouns = {thing.noun: things_with_noun(scene, thing.noun) for thing in scene.things}
    counts = {len(names) for names in nouns.values()}
    if rng.random() < 0.5:
        if len(counts) < 2:
            return None
        of = rng.choice(list(nouns))
        right = len(nouns[of])
        wrong = rng.choice([number for number in counts if number != right])
        return number_and_noun(lexicon, right, of, nouns[of]), 0, number_and_noun(lexicon, wrong, of, nouns[of])[0]
    right = len(scene.things)
    wrong = rng.choice([number for number in range(1, max(MAX_COUNT, right) + 1) if number != right])
    return number_and_noun(lexicon, right, None, None), 0, number_and_noun(lexicon, wrong, None, None)[0]


def number_and_noun(lexicon: Lexicon, number: int, noun: int | None, names: tuple[int, ...] | None) -> Spans:
    """Number and noun as one span, because the noun changes with the number: "two cats"."""
    name = lexicon.thing if noun is None else lexicon.nouns[noun]
    text = name.singular if number == 1 else name.plural
    return (Span(lexicon.numbers[number] + name.measure + lexicon.space + text, names),)


def corrupt_relation(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    """A cat left of a dog, where there is a third thing that the cat lies right of."""
    found = clear_comparisons(scene)
    if not found:
        return None
    subject, side, of, _ = rng.choice(found)
    words = relation_caption(scene, lexicon, subject, side, of)
    wrong = relation_caption(scene, lexicon, subject, OPPOSITE[side], of)
    at = next(i for i, (one, other) in enumerate(zip(words, wrong, strict=True)) if one != other)
    return words, at, wrong[at]


FACTORIES: tuple[tuple[str, CorruptionFactory], ...] = (
    ("noun", corrupt_noun),
    ("colour", corrupt_ground_colour),
    ("own colour", corrupt_colour),
    ("count", corrupt_count),
    ("relation", corrupt_relation),
)
WEIGHTS = (28, 10, 36, 14, 22)
