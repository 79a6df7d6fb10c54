"""Items of the image tasks: generate a scene from a description, or the content of a hole in a picture.

The answer of these items is a scene; the expected image is its rendering.
"""

import random
from typing import cast

from plait.foundation.unified.worlds.arrangement import arrange_in_row, arrange_pair
from plait.foundation.unified.worlds.captions import CAPTION_TEMPLATES, caption, colour_words, nouns_caption
from plait.foundation.unified.worlds.captions import relation_caption as told_apart
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.palette import WHITE
from plait.foundation.unified.worlds.relations import RELATIONS, things_with_noun
from plait.foundation.unified.worlds.scene import CANVAS_SIDE, PixelBox, Scene, Thing
from plait.foundation.unified.worlds.wording import Lexicon, fill_template

NO_GROUND_SHARE = 0.3  # share of descriptions without a background, which is then white
RELATION_SHARE = 0.3  # share of descriptions of two different things that give their relation
HOLE_SHARE = (0.5, 0.8)  # of a thing's width and height that a hole covers, per axis
HOLE_MARGIN = 3  # pixels of the canvas that a hole may reach beyond a thing


def draw_item(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    """The things and the background of a scene, arranged as a drawing."""
    ground = WHITE if rng.random() < NO_GROUND_SHARE else scene.ground
    nouns = scene_nouns(scene)
    if len(nouns) == 2 and nouns[0] != nouns[1] and rng.random() < RELATION_SHARE:
        side = rng.choice(RELATIONS)
        arranged = arrange_pair(nouns[0], side, nouns[1], ground)
        subject, reference = (things_with_noun(arranged, noun)[0] for noun in nouns)
        spans, kind = told_apart(arranged, lexicon, subject, side, reference), side
        if ground != WHITE:
            spans = fill_template(CAPTION_TEMPLATES[lexicon.language], spans, colour_words(lexicon, ground))
        return Item("draw", lexicon.language, {"description": spans}, arranged, kind, (subject, reference))
    arranged = arrange_in_row(nouns, ground)
    all_things = tuple(range(len(nouns)))
    spans = (
        caption(arranged, lexicon)
        if ground != WHITE
        else nouns_caption(arranged, lexicon, list(dict.fromkeys(scene_nouns(arranged))))
    )
    return Item("draw", lexicon.language, {"description": spans}, arranged, str(len(nouns)), all_things)


def scene_nouns(scene: Scene) -> list[int]:
    """The nouns from left to right."""
    return [thing.noun for thing in scene.things]


def restore_image_item(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    """A hole that covers part of one thing, so that the rest of it still identifies it."""
    target = rng.randrange(len(scene.things))
    hole = random_hole(scene.things[target], rng)
    return Item("restore_image", lexicon.language, {"hole": hole}, scene, str(len(scene.things)), (target,))


def random_hole(thing: Thing, rng: random.Random) -> PixelBox:
    """A hole over one side, one corner or the middle of a thing."""
    left, right = random_interval(thing.box[0], thing.box[2], rng)
    top, bottom = random_interval(thing.box[1], thing.box[3], rng)
    return left, top, right, bottom


def random_interval(low: int, high: int, rng: random.Random) -> tuple[int, int]:
    """A random part of the interval; it extends slightly beyond an end that it reaches."""
    length = max(2, round((high - low) * rng.uniform(*HOLE_SHARE)))
    start = rng.choice((low - HOLE_MARGIN, rng.randint(low, high - length), high - length + HOLE_MARGIN))
    return max(0, start), min(CANVAS_SIDE, start + length)


def hole_fractions(item: Item) -> tuple[float, float, float, float]:
    """The hole of a restore_image item, as fractions of the picture's side."""
    left, top, right, bottom = (corner / CANVAS_SIDE for corner in cast(PixelBox, item.inputs["hole"]))
    return left, top, right, bottom
