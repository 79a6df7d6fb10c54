"""Texts that are true of a scene, and the same texts made false by changing one word: half of each.

The replacement fits the grammar of the text (same article, same measure word) and has the distribution of the word it
replaces, so the text alone does not reveal the answer.
"""

import random
from collections.abc import Callable
from functools import cache

from plait.foundation.unified.worlds.absent_nouns import confusable_nouns, sample_noun
from plait.foundation.unified.worlds.atlas import atlas
from plait.foundation.unified.worlds.captions import caption, ground_caption, nouns_caption, relation_caption
from plait.foundation.unified.worlds.items import GroundedText, Item, Spans
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
MAX_COUNT = 3  # highest false number of things

Corruption = tuple[
    Spans, int, GroundedText
]  # a true text, the index of a word, and its replacement that makes the text false
CorruptionFactory = Callable[[Scene, Lexicon, random.Random], Corruption | None]


def matches_item(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    """An item of a random form by weight; about nouns if the scene does not allow that form, so that the form reveals
    little about the scene.
    """
    for kind, factory in (*rng.choices(FACTORIES, WEIGHTS), *FACTORIES):
        corruption = factory(scene, lexicon, rng)
        if corruption is not None:
            return item_from_corruption(lexicon, corruption, kind, rng)
    return None


def item_from_corruption(lexicon: Lexicon, corruption: Corruption, kind: str, rng: random.Random) -> Item:
    spans, at, replacement = corruption
    true = rng.random() < 0.5
    if not true:
        spans = (*spans[:at], replacement, *spans[at + 1 :])
    return Item("matches", lexicon.language, {"text": spans}, true, kind, named_things(spans))


def named_things(spans: Spans) -> tuple[int, ...]:
    return tuple(sorted({thing for span in spans for thing in span.names or ()}))


def corrupt_noun(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    spans = noun_text(scene, lexicon, rng)
    at = rng.choice([i for i, span in enumerate(spans) if span.names])
    names = spans[at].names
    assert names
    noun = scene.things[names[0]].noun
    other_noun = sample_noun(lexicon.replacements[noun], confusable_nouns(scene), rng)
    if other_noun is None:
        return None
    name = lexicon.nouns[other_noun]
    plural = spans[at].text.strip() != lexicon.nouns[noun].singular
    return spans, at, replace_word(spans[at], name.plural if plural else name.singular, ())


def noun_text(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Spans:
    """The caption, one noun, two nouns, or two things and their relation."""
    draw = rng.random()
    if draw < 0.3:
        return caption(scene, lexicon)
    if draw < 0.5 and (comparisons := clear_comparisons(scene)):
        subject, side, reference, _ = rng.choice(comparisons)
        return relation_caption(scene, lexicon, subject, side, reference)
    nouns = list({thing.noun for thing in scene.things})
    return nouns_caption(scene, lexicon, rng.sample(nouns, min(len(nouns), 2 if draw < 0.7 else 1)))


def replace_word(span: GroundedText, text: str, names: tuple[int, ...] | None) -> GroundedText:
    return GroundedText(" " + text if span.text.startswith(" ") else text, names)


def corrupt_ground_colour(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    colours = [
        colour for colour in colours_with_same_article(lexicon, scene.ground) if colour in visible_grounds(scene)
    ]
    if not colours:
        return None
    spans = caption(scene, lexicon) if rng.random() < 0.5 else ground_caption(scene, lexicon)
    name = lexicon.colours[scene.ground].singular
    at = next(i for i, span in enumerate(spans) if span.names is None and span.text.strip() == name)
    return spans, at, replace_word(spans[at], lexicon.colours[rng.choice(colours)].singular, None)


def visible_grounds(scene: Scene) -> list[int]:
    """Background colours on which all things of the scene are visible; other colours would be false without a look."""
    faint = atlas(scene.wide).faint
    return [ground for ground in GROUNDS if not any(faint[thing.style, thing.noun, ground] for thing in scene.things)]


@cache
def noun_colours(wide: bool) -> tuple[frozenset[int], ...]:
    """Colours in which each noun occurs; others would be false without a look: a banana is never blue."""
    return tuple(frozenset(colours.tolist()) for colours in atlas(wide).colour.T)


def colours_with_same_article(lexicon: Lexicon, colour: int) -> list[int]:
    """The other colours with the same article."""
    article = lexicon.colours[colour].article
    return [other for other, name in enumerate(lexicon.colours) if other != colour and name.article == article]


def corrupt_colour(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    """Form "a red car" with another colour."""
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
    noun_span = word_span(lexicon, name.singular, (target,))
    spans = fill_template(
        COLOURED_NOUN_TEMPLATES[lexicon.language],
        word_span(lexicon, article),
        colour_word(scene, lexicon, target),
        noun_span,
    )
    other_colour = rng.choice(colours)
    return (
        spans,
        1,
        replace_word(spans[1], lexicon.colours[other_colour].singular, things_with_colour(scene, other_colour)),
    )


def corrupt_count(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    """Form "two things", or "two cats" if another noun of the scene has another count: each number is true as often as
    false.
    """
    nouns = {thing.noun: things_with_noun(scene, thing.noun) for thing in scene.things}
    counts = {len(names) for names in nouns.values()}
    if rng.random() < 0.5:
        if len(counts) < 2:
            return None
        noun = rng.choice(list(nouns))
        count = len(nouns[noun])
        wrong_count = rng.choice([number for number in counts if number != count])
        return (
            number_and_noun(lexicon, count, noun, nouns[noun]),
            0,
            number_and_noun(lexicon, wrong_count, noun, nouns[noun])[0],
        )
    count = len(scene.things)
    wrong_count = rng.choice([number for number in range(1, max(MAX_COUNT, count) + 1) if number != count])
    return number_and_noun(lexicon, count, None, None), 0, number_and_noun(lexicon, wrong_count, None, None)[0]


def number_and_noun(lexicon: Lexicon, number: int, noun: int | None, names: tuple[int, ...] | None) -> Spans:
    """Number and noun as one span, because the noun changes with the number: "two cats"."""
    name = lexicon.thing if noun is None else lexicon.nouns[noun]
    text = name.singular if number == 1 else name.plural
    return (GroundedText(lexicon.numbers[number] + name.measure + lexicon.space + text, names),)


def corrupt_relation(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Corruption | None:
    """Form "a cat left of a dog", if the cat is right of a third thing."""
    comparisons = clear_comparisons(scene)
    if not comparisons:
        return None
    subject, side, reference, _ = rng.choice(comparisons)
    spans = relation_caption(scene, lexicon, subject, side, reference)
    false_spans = relation_caption(scene, lexicon, subject, OPPOSITE[side], reference)
    at = next(i for i, (one, other) in enumerate(zip(spans, false_spans, strict=True)) if one != other)
    return spans, at, false_spans[at]


FACTORIES: tuple[tuple[str, CorruptionFactory], ...] = (
    ("noun", corrupt_noun),
    ("colour", corrupt_ground_colour),
    ("own colour", corrupt_colour),
    ("count", corrupt_count),
    ("relation", corrupt_relation),
)
WEIGHTS = (28, 10, 36, 14, 22)
