"""Pictures that were painted, side by side, and what the judge sees in them."""

from collections.abc import Sequence

import numpy as np
from PIL import Image

from plait.foundation.unified.holes import blanked
from plait.foundation.unified.metrics.image_similarity import Picture
from plait.foundation.unified.suite import judged_pictures as judged
from plait.foundation.unified.worlds import rendering
from plait.foundation.unified.worlds.items import Item, Language
from plait.foundation.unified.worlds.painting_items import hole_of
from plait.foundation.unified.worlds.palette import COLOURS
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import voice

SIDE = 128  # pixels of a picture that is painted
LARGER = 3  # as large as the others of the gallery
BETWEEN = 8  # pixels


def right(item: Item, picture: Picture) -> bool:
    return judged.as_asked(item, picture) if item.task == "draw" else judged.recognised(item, picture)


def seen(item: Item, picture: Picture) -> str:
    """What the judge says of a picture, in the item's language."""
    found = judged.verdict(picture)
    nouns = [named(each.noun, item.language) for each in sorted(found.things, key=lambda each: each.box)]
    if item.task == "restore_image":
        return f"the judge sees {', '.join(nouns) or 'nothing'}"
    return f"the judge sees {', '.join(nouns) or 'nothing'} on {COLOURS[found.ground].en}"


def named(noun: int, language: Language) -> str:
    return voice(language).nouns[noun].single


def meant(item: Item) -> str:
    """What should be seen."""
    things = judged.wanted(item).things
    nouns = [named(thing.noun, item.language) for thing in things]
    return ", ".join(nouns) if item.task == "draw" else nouns[item.target[0]]


def cut(item: Item, scene: Scene) -> Picture:
    """The picture with its hole."""
    return blanked(rendering.drawn(scene, SIDE), hole_of(item))


def mounted(pictures: Sequence[Picture]) -> Image.Image:
    """Side by side and enlarged, nothing between them."""
    large = [Image.fromarray(each).resize((SIDE * LARGER,) * 2, Image.Resampling.BICUBIC) for each in pictures]
    step = SIDE * LARGER + BETWEEN
    sheet = Image.new("RGBA", (step * len(large) - BETWEEN, SIDE * LARGER), (0, 0, 0, 0))
    for number, each in enumerate(large):
        sheet.paste(each, (step * number, 0))
    return sheet


def missing() -> Picture:
    """What stands for a picture that was not painted."""
    return np.full((SIDE, SIDE, 3), 255, np.uint8)
