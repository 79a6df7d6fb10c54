"""Generated pictures side by side, and the judge's verdict on them."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from plait.foundation.unified.holes import with_blank_hole
from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.suite import judged_pictures as judged
from plait.foundation.unified.worlds import rendering
from plait.foundation.unified.worlds.items import Item, Language
from plait.foundation.unified.worlds.painting_items import hole_fractions
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import lexicon_for

SIDE = 128  # pixels of a generated picture
ENLARGEMENT = 3  # to the size of the other pictures of the gallery
GAP = 8  # pixels


def is_right(item: Item, picture: PixelArray) -> bool:
    return judged.matches_description(item, picture) if item.task == "draw" else judged.is_recognised(item, picture)


def judge_text(item: Item, picture: PixelArray) -> str:
    """The judge's verdict on a picture, in the language of the item."""
    verdict = judged.verdict(picture)
    nouns = [noun_text(each.noun, item.language) for each in sorted(verdict.things, key=lambda each: each.box)]
    if item.task == "restore_image":
        return f"judged as: {', '.join(nouns) or 'nothing'}"
    return f"judged as: {', '.join(nouns) or 'nothing'} on {COLOURS[verdict.ground].en}"


def noun_text(noun: int, language: Language) -> str:
    return lexicon_for(language).nouns[noun].singular


def reference_text(item: Item) -> str:
    """The expected objects, in words."""
    things = judged.target_scene(item).things
    nouns = [noun_text(thing.noun, item.language) for thing in things]
    return ", ".join(nouns) if item.task == "draw" else nouns[item.target[0]]


def image_with_hole(item: Item, scene: Scene) -> PixelArray:
    """The input picture with its hole."""
    return with_blank_hole(rendering.render_scene(scene, SIDE), hole_fractions(item))


def side_by_side(pictures: Sequence[PixelArray]) -> Image.Image:
    """The pictures side by side and enlarged, on a transparent background."""
    large = [Image.fromarray(each).resize((SIDE * ENLARGEMENT,) * 2, Image.Resampling.BICUBIC) for each in pictures]
    step = SIDE * ENLARGEMENT + GAP
    sheet = Image.new("RGBA", (step * len(large) - GAP, SIDE * ENLARGEMENT), (0, 0, 0, 0))
    for number, each in enumerate(large):
        sheet.paste(each, (step * number, 0))
    return sheet


def blank_image() -> PixelArray:
    """Placeholder for a picture that was not generated."""
    return np.full((SIDE, SIDE, 3), 255, np.uint8)
