"""Where things are: what is in a box, the box of what a phrase names, all things with their boxes."""

import random

from plait.foundation.unified.worlds.captions import single
from plait.foundation.unified.worlds.items import Item, said
from plait.foundation.unified.worlds.phrases import phrase
from plait.foundation.unified.worlds.scene import Scene
from plait.foundation.unified.worlds.wording import Voice, sentence


def region(scene: Scene, voice: Voice, rng: random.Random) -> Item:
    target = rng.randrange(len(scene.things))
    answer = said(sentence(single(scene, voice, target)))
    return Item("describe_region", voice.language, {"region": scene.things[target].box}, answer, "noun", (target,))


def located(scene: Scene, voice: Voice, rng: random.Random) -> Item | None:
    found = phrase(scene, voice, rng)
    if found is None:
        return None
    box = scene.things[found.target].box
    return Item("locate", voice.language, {"phrase": found.words}, box, found.kind, (found.target,))


def detected(scene: Scene, voice: Voice) -> Item:
    """Every thing with its noun, from left to right by centre."""
    answer = tuple((thing.box, voice.nouns[thing.noun].single) for thing in scene.things)
    return Item("detect", voice.language, {}, answer, str(len(answer)), tuple(range(len(answer))))
