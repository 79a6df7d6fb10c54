"""Items about regions: the noun in a box, the box of a phrase, all things with their boxes."""

import random

from plait.foundation.unified.worlds.captions import thing_caption
from plait.foundation.unified.worlds.items import Item, spans_text
from plait.foundation.unified.worlds.phrases import sample_phrase
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Lexicon, without_leading_space


def describe_region_item(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item:
    target = rng.randrange(len(scene.things))
    answer = spans_text(without_leading_space(thing_caption(scene, lexicon, target)))
    return Item("describe_region", lexicon.language, {"region": scene.things[target].box}, answer, "noun", (target,))


def locate_item(scene: Scene, lexicon: Lexicon, rng: random.Random) -> Item | None:
    phrase = sample_phrase(scene, lexicon, rng)
    if phrase is None:
        return None
    box = scene.things[phrase.target].box
    return Item("locate", lexicon.language, {"phrase": phrase.spans}, box, phrase.kind, (phrase.target,))


def detect_item(scene: Scene, lexicon: Lexicon) -> Item:
    """Every thing with its noun, from left to right by centre."""
    answer = tuple((thing.box, lexicon.nouns[thing.noun].singular) for thing in scene.things)
    return Item("detect", lexicon.language, {}, answer, str(len(answer)), tuple(range(len(answer))))
