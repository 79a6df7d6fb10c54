"""What is to be painted: a scene from a description, or what is missing where a picture has a hole.

The answer of these items is a scene; its picture is what is wanted.
"""

import random
from typing import cast

from plait.foundation.unified.worlds.arrangement import arranged, related
from plait.foundation.unified.worlds.captions import CAPTION, caption, present, tinted
from plait.foundation.unified.worlds.captions import related as told_apart
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.palette import WHITE
from plait.foundation.unified.worlds.relations import RELATIONS, named
from plait.foundation.unified.worlds.scene import SIDE, Corners, Scene, Thing
from plait.foundation.unified.worlds.wording import Voice, filled

GROUNDLESS = 0.3  # of the descriptions do not tell the ground, which is then white
RELATED = 0.3  # of those with two different things tell where one is of the other
CUT = (0.5, 0.8)  # of a thing's width and height that a hole takes, each way
MARGIN = 3  # pixels of the canvas that a hole may reach beyond a thing


def drawing(scene: Scene, voice: Voice, rng: random.Random) -> Item:
    """The things and the ground of a scene, which are set out anew, as drawings are."""
    ground = WHITE if rng.random() < GROUNDLESS else scene.ground
    nouns = nouns_of(scene)
    if len(nouns) == 2 and nouns[0] != nouns[1] and rng.random() < RELATED:
        side = rng.choice(RELATIONS)
        wanted = related(nouns[0], side, nouns[1], ground)
        subject, of = (named(wanted, noun)[0] for noun in nouns)
        words, kind = told_apart(wanted, voice, subject, side, of), side
        if ground != WHITE:
            words = filled(CAPTION[voice.language], words, tinted(voice, ground))
        return Item("draw", voice.language, {"description": words}, wanted, kind, (subject, of))
    wanted = arranged(nouns, ground)
    everything = tuple(range(len(nouns)))
    words = caption(wanted, voice) if ground != WHITE else present(wanted, voice, list(dict.fromkeys(nouns_of(wanted))))
    return Item("draw", voice.language, {"description": words}, wanted, str(len(nouns)), everything)


def nouns_of(scene: Scene) -> list[int]:
    """From left to right."""
    return [thing.noun for thing in scene.things]


def restoring(scene: Scene, voice: Voice, rng: random.Random) -> Item:
    """A hole that takes a part of one thing, so that the rest of it still tells what it is."""
    target = rng.randrange(len(scene.things))
    hole = cut(scene.things[target], rng)
    return Item("restore_image", voice.language, {"hole": hole}, scene, str(len(scene.things)), (target,))


def cut(thing: Thing, rng: random.Random) -> Corners:
    """A hole over one side or corner of a thing, or its middle."""
    left, right = span(thing.box[0], thing.box[2], rng)
    top, bottom = span(thing.box[1], thing.box[3], rng)
    return left, top, right, bottom


def span(low: int, high: int, rng: random.Random) -> tuple[int, int]:
    """A part of a line between two ends, somewhat beyond them where it reaches one."""
    length = max(2, round((high - low) * rng.uniform(*CUT)))
    begin = rng.choice((low - MARGIN, rng.randint(low, high - length), high - length + MARGIN))
    return max(0, begin), min(SIDE, begin + length)


def hole_of(item: Item) -> tuple[float, float, float, float]:
    """The hole of an item to restore, as fractions of the picture's side."""
    left, top, right, bottom = (corner / SIDE for corner in cast(Corners, item.inputs["hole"]))
    return left, top, right, bottom
