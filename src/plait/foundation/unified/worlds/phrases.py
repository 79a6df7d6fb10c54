"""Phrases that name exactly one thing of a scene."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from plait.foundation.unified.worlds.items import Language, Spans
from plait.foundation.unified.worlds.relations import (
    LARGER_RATIO,
    RELATIONS,
    Relation,
    direction,
    extreme_thing,
    furthest_thing,
    grid_cell,
    is_near_cell,
    neighbours,
    ordered_towards,
    things_with_colour,
    things_with_noun,
    unique_things,
)
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Lexicon, bilingual_template, fill_template, word_span

THE = bilingual_template("the{0}", "{0}")
QUALIFIED = bilingual_template("the{0}{1}", "{0}的{1}")
LARGE = {True: {"en": "large", "zh": "大"}, False: {"en": "small", "zh": "小"}}
EXTREME = {True: {"en": "largest", "zh": "最大"}, False: {"en": "smallest", "zh": "最小"}}
FURTHEST: dict[Relation, dict[Language, str]] = {
    "left": {"en": "leftmost", "zh": "最左边"},
    "right": {"en": "rightmost", "zh": "最右边"},
    "above": {"en": "topmost", "zh": "最上面"},
    "below": {"en": "bottommost", "zh": "最下面"},
}
SIDED = {
    "left": bilingual_template("the{0} on the left", "左边的{0}"),
    "right": bilingual_template("the{0} on the right", "右边的{0}"),
    "above": bilingual_template("the{0} at the top", "上面的{0}"),
    "below": bilingual_template("the{0} at the bottom", "下面的{0}"),
}
NTH_LEFT = {
    1: bilingual_template("the second{0} from the left", "左起第二个{0}"),
    2: bilingual_template("the third{0} from the left", "左起第三个{0}"),
    3: bilingual_template("the fourth{0} from the left", "左起第四个{0}"),
}
NTH_RIGHT = {
    1: bilingual_template("the second{0} from the right", "右起第二个{0}"),
    2: bilingual_template("the third{0} from the right", "右起第三个{0}"),
    3: bilingual_template("the fourth{0} from the right", "右起第四个{0}"),
}
BESIDE = {
    "left": bilingual_template("the first thing left of the{0}", "{0}左边第一个东西"),
    "right": bilingual_template("the first thing right of the{0}", "{0}右边第一个东西"),
    "above": bilingual_template("the first thing above the{0}", "{0}上面第一个东西"),
    "below": bilingual_template("the first thing below the{0}", "{0}下面第一个东西"),
}
CORNER = {
    0: bilingual_template("the thing in the top left corner", "左上角的东西"),
    2: bilingual_template("the thing in the top right corner", "右上角的东西"),
    6: bilingual_template("the thing in the bottom left corner", "左下角的东西"),
    8: bilingual_template("the thing in the bottom right corner", "右下角的东西"),
}


@dataclass(frozen=True)
class Phrase:
    spans: Spans
    target: int
    kind: str


PhraseFactory = Callable[[Scene, Lexicon, random.Random], Phrase | None]


def sample_phrase(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """A phrase of a random form by weight. Few scenes allow every form: after MAX_PHRASE_TRIES, the first form that the
    scene allows.
    """
    factories = (*rng.choices(FACTORIES, WEIGHTS, k=MAX_PHRASE_TRIES), *FACTORIES)
    return next((phrase for factory in factories if (phrase := factory(scene, lexicon, rng)) is not None), None)


def noun_words(scene: Scene, lexicon: Lexicon, noun: int) -> Spans:
    return word_span(lexicon, lexicon.nouns[noun].singular, things_with_noun(scene, noun))


def thing_words(lexicon: Lexicon) -> Spans:
    return word_span(lexicon, lexicon.thing.singular)


def by_noun(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the cat"."""
    targets = unique_things(scene)
    if not targets:
        return None
    target = rng.choice(targets)
    spans = fill_template(THE[lexicon.language], noun_words(scene, lexicon, scene.things[target].noun))
    return Phrase(spans, target, "noun")


def by_colour(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the red car", if no other car could be called red."""
    things = scene.things
    targets = [
        i
        for i, thing in enumerate(things)
        if thing.colour is not None
        and all(
            other is thing or other.noun != thing.noun or other.colour not in (None, thing.colour) for other in things
        )
    ]
    if not targets:
        return None
    target = rng.choice(targets)
    noun = noun_words(scene, lexicon, things[target].noun)
    return Phrase(
        fill_template(QUALIFIED[lexicon.language], colour_word(scene, lexicon, target), noun), target, "colour"
    )


def by_colour_alone(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the red thing", if all others clearly have another colour."""
    colours = [thing.colour for thing in scene.things]
    if len(colours) < 2 or None in colours:
        return None
    targets = [i for i, colour in enumerate(colours) if colours.count(colour) == 1]
    if not targets:
        return None
    target = rng.choice(targets)
    spans = fill_template(QUALIFIED[lexicon.language], colour_word(scene, lexicon, target), thing_words(lexicon))
    return Phrase(spans, target, "colour alone")


def colour_word(scene: Scene, lexicon: Lexicon, thing: int) -> Spans:
    colour = scene.things[thing].colour
    assert colour is not None
    return word_span(lexicon, lexicon.colours[colour].singular, things_with_colour(scene, colour))


def by_size(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the largest thing"."""
    largest = rng.random() < 0.5
    target = extreme_thing(scene, largest)
    if target is None:
        largest = not largest
        target = extreme_thing(scene, largest)
    if target is None:
        return None
    return superlative(EXTREME[largest][lexicon.language], lexicon, target, "size")


def by_side(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the leftmost thing"."""
    side = rng.choice(RELATIONS)
    target = furthest_thing(scene, side)
    return None if target is None else superlative(FURTHEST[side][lexicon.language], lexicon, target, "side")


def superlative(adjective: str, lexicon: Lexicon, target: int, kind: str) -> Phrase:
    adjective_span = word_span(lexicon, adjective, (target,))
    return Phrase(fill_template(QUALIFIED[lexicon.language], adjective_span, thing_words(lexicon)), target, kind)


def by_order(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the second thing from the left"."""
    count = len(scene.things)
    if count < 3 or count > 4 or not ordered_towards(scene, "right"):
        return None
    number = rng.randrange(1, count - 1)
    from_left = rng.random() < 0.5
    spans = fill_template((NTH_LEFT if from_left else NTH_RIGHT)[number][lexicon.language], thing_words(lexicon))
    return Phrase(spans, number if from_left else count - 1 - number, "order")


def by_relation(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the first thing left of the cat", if another noun as reference would give another thing."""
    candidates = neighbours(scene)
    if not candidates:
        return None
    target, side, reference = rng.choice(candidates)
    spans = fill_template(BESIDE[side][lexicon.language], noun_words(scene, lexicon, scene.things[reference].noun))
    return Phrase(spans, target, "relation")


def by_corner(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the thing in the top left corner"."""
    for target in rng.sample(range(len(scene.things)), len(scene.things)):
        corner = grid_cell(scene.things[target])
        if corner in CORNER and sum(is_near_cell(thing, corner) for thing in scene.things) == 1:
            return Phrase(fill_template(CORNER[corner][lexicon.language]), target, "corner")
    return None


def by_class(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Form "the animal"."""
    noun_classes = [lexicon.noun_classes[thing.noun] for thing in scene.things]
    targets = [
        (i, noun_class)
        for i, noun_class in enumerate(noun_classes)
        if noun_class is not None and noun_classes.count(noun_class) == 1
    ]
    if not targets:
        return None
    target, noun_class = rng.choice(targets)
    return Phrase(
        fill_template(THE[lexicon.language], word_span(lexicon, noun_class.singular, (target,))), target, "class"
    )


def among_twins(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Phrase | None:
    """Forms "the large cat" and "the cat on the left", for one of two cats."""
    pairs = [pair for noun in {thing.noun for thing in scene.things} if len(pair := things_with_noun(scene, noun)) == 2]
    if not pairs:
        return None
    target, other = rng.sample(rng.choice(pairs), 2)
    one, two = scene.things[target], scene.things[other]
    side = direction(one, two)
    noun_spans = noun_words(scene, lexicon, one.noun)
    larger, smaller = one.side >= LARGER_RATIO * two.side, two.side >= LARGER_RATIO * one.side
    if (larger or smaller) and (side is None or rng.random() < 0.5):
        size = word_span(lexicon, LARGE[larger][lexicon.language], (target,))
        return Phrase(fill_template(QUALIFIED[lexicon.language], size, noun_spans), target, "twin by size")
    return (
        None
        if side is None
        else Phrase(fill_template(SIDED[side][lexicon.language], noun_spans), target, "twin by side")
    )


FACTORIES: tuple[PhraseFactory, ...] = (
    by_noun,
    among_twins,
    by_relation,
    by_colour,
    by_class,
    by_order,
    by_side,
    by_size,
    by_colour_alone,
    by_corner,
)
MAX_PHRASE_TRIES = 4
WEIGHTS = (30, 14, 20, 8, 7, 4, 4, 4, 6, 3)
