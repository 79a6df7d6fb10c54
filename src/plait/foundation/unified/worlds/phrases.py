"""Phrases that name exactly one thing of a scene."""

import random
from collections.abc import Callable
from dataclasses import dataclass

from plait.foundation.unified.worlds.items import Language, Words
from plait.foundation.unified.worlds.relations import (
    LARGER,
    RELATIONS,
    Relation,
    alone,
    cell,
    coloured,
    direction,
    extreme,
    following,
    furthest,
    named,
    near_cell,
    neighbours,
)
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Voice, both, filled, word

THE = both("the{0}", "{0}")
QUALIFIED = both("the{0}{1}", "{0}的{1}")
LARGE = {True: {"en": "large", "zh": "大"}, False: {"en": "small", "zh": "小"}}
EXTREME = {True: {"en": "largest", "zh": "最大"}, False: {"en": "smallest", "zh": "最小"}}
FURTHEST: dict[Relation, dict[Language, str]] = {
    "left": {"en": "leftmost", "zh": "最左边"},
    "right": {"en": "rightmost", "zh": "最右边"},
    "above": {"en": "topmost", "zh": "最上面"},
    "below": {"en": "bottommost", "zh": "最下面"},
}
SIDED = {
    "left": both("the{0} on the left", "左边的{0}"),
    "right": both("the{0} on the right", "右边的{0}"),
    "above": both("the{0} at the top", "上面的{0}"),
    "below": both("the{0} at the bottom", "下面的{0}"),
}
NTH_LEFT = {
    1: both("the second{0} from the left", "左起第二个{0}"),
    2: both("the third{0} from the left", "左起第三个{0}"),
    3: both("the fourth{0} from the left", "左起第四个{0}"),
}
NTH_RIGHT = {
    1: both("the second{0} from the right", "右起第二个{0}"),
    2: both("the third{0} from the right", "右起第三个{0}"),
    3: both("the fourth{0} from the right", "右起第四个{0}"),
}
BESIDE = {
    "left": both("the first thing left of the{0}", "{0}左边第一个东西"),
    "right": both("the first thing right of the{0}", "{0}右边第一个东西"),
    "above": both("the first thing above the{0}", "{0}上面第一个东西"),
    "below": both("the first thing below the{0}", "{0}下面第一个东西"),
}
CORNER = {
    0: both("the thing in the top left corner", "左上角的东西"),
    2: both("the thing in the top right corner", "右上角的东西"),
    6: both("the thing in the bottom left corner", "左下角的东西"),
    8: both("the thing in the bottom right corner", "右下角的东西"),
}


@dataclass(frozen=True)
class Phrase:
    words: Words
    target: int
    kind: str


Form = Callable[[Scene, Voice, random.Random], Phrase | None]


def phrase(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """A phrase of a form drawn by weight. Few scenes have every form: after DRAWS in vain, the first that it has."""
    forms = (*rng.choices(FORMS, WEIGHTS, k=DRAWS), *FORMS)
    return next((found for form in forms if (found := form(scene, voice, rng)) is not None), None)


def noun_words(scene: Scene, voice: Voice, noun: int) -> Words:
    return word(voice, voice.nouns[noun].single, named(scene, noun))


def thing_words(voice: Voice) -> Words:
    return word(voice, voice.thing.single)


def by_noun(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The cat."""
    targets = alone(scene)
    if not targets:
        return None
    target = rng.choice(targets)
    words = filled(THE[voice.language], noun_words(scene, voice, scene.things[target].noun))
    return Phrase(words, target, "noun")


def by_colour(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The red car, where no other car could be called red."""
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
    noun = noun_words(scene, voice, things[target].noun)
    return Phrase(filled(QUALIFIED[voice.language], red(scene, voice, target), noun), target, "colour")


def by_colour_alone(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The red thing, where the others clearly have another colour."""
    colours = [thing.colour for thing in scene.things]
    if len(colours) < 2 or None in colours:
        return None
    targets = [i for i, colour in enumerate(colours) if colours.count(colour) == 1]
    if not targets:
        return None
    target = rng.choice(targets)
    words = filled(QUALIFIED[voice.language], red(scene, voice, target), thing_words(voice))
    return Phrase(words, target, "colour alone")


def red(scene: Scene, voice: Voice, thing: int) -> Words:
    colour = scene.things[thing].colour
    assert colour is not None
    return word(voice, voice.colours[colour].single, coloured(scene, colour))


def by_size(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The largest thing."""
    largest = rng.random() < 0.5
    target = extreme(scene, largest)
    if target is None:
        largest = not largest
        target = extreme(scene, largest)
    if target is None:
        return None
    return superlative(EXTREME[largest][voice.language], voice, target, "size")


def by_side(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The leftmost thing."""
    side = rng.choice(RELATIONS)
    target = furthest(scene, side)
    return None if target is None else superlative(FURTHEST[side][voice.language], voice, target, "side")


def superlative(adjective: str, voice: Voice, target: int, kind: str) -> Phrase:
    most = word(voice, adjective, (target,))
    return Phrase(filled(QUALIFIED[voice.language], most, thing_words(voice)), target, kind)


def by_order(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The second thing from the left."""
    count = len(scene.things)
    if count < 3 or count > 4 or not following(scene, "right"):
        return None
    number = rng.randrange(1, count - 1)
    left = rng.random() < 0.5
    words = filled((NTH_LEFT if left else NTH_RIGHT)[number][voice.language], thing_words(voice))
    return Phrase(words, number if left else count - 1 - number, "order")


def by_relation(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The first thing left of the cat, where another noun in its place would make it another thing."""
    found = neighbours(scene)
    if not found:
        return None
    target, side, reference = rng.choice(found)
    words = filled(BESIDE[side][voice.language], noun_words(scene, voice, scene.things[reference].noun))
    return Phrase(words, target, "relation")


def by_corner(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The thing in the top left corner."""
    for target in rng.sample(range(len(scene.things)), len(scene.things)):
        corner = cell(scene.things[target])
        if corner in CORNER and sum(near_cell(thing, corner) for thing in scene.things) == 1:
            return Phrase(filled(CORNER[corner][voice.language]), target, "corner")
    return None


def by_class(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The animal."""
    kinds = [voice.kinds[thing.noun] for thing in scene.things]
    targets = [(i, kind) for i, kind in enumerate(kinds) if kind is not None and kinds.count(kind) == 1]
    if not targets:
        return None
    target, kind = rng.choice(targets)
    return Phrase(filled(THE[voice.language], word(voice, kind.single, (target,))), target, "class")


def among_twins(scene: Scene, voice: Voice, rng: random.Random) -> Phrase | None:
    """The large cat, the cat on the left: one of two cats."""
    pairs = [pair for noun in {thing.noun for thing in scene.things} if len(pair := named(scene, noun)) == 2]
    if not pairs:
        return None
    target, other = rng.sample(rng.choice(pairs), 2)
    one, two = scene.things[target], scene.things[other]
    side = direction(one, two)
    cats = noun_words(scene, voice, one.noun)
    larger, smaller = one.side >= LARGER * two.side, two.side >= LARGER * one.side
    if (larger or smaller) and (side is None or rng.random() < 0.5):
        size = word(voice, LARGE[larger][voice.language], (target,))
        return Phrase(filled(QUALIFIED[voice.language], size, cats), target, "twin by size")
    return None if side is None else Phrase(filled(SIDED[side][voice.language], cats), target, "twin by side")


FORMS: tuple[Form, ...] = (
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
DRAWS = 4
WEIGHTS = (30, 14, 20, 8, 7, 4, 4, 4, 6, 3)
