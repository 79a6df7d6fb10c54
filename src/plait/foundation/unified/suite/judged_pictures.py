"""What the judge makes of pictures that were painted: the things asked for, how many, where, on which ground.

The questions are GenEval's (arXiv 2310.11513): object, count, colour (here that of the ground) and position.
"""

from collections import Counter
from functools import lru_cache

import numpy as np

from plait.foundation.unified.judge.detection import Seen, Verdict
from plait.foundation.unified.judge.shipped import judge
from plait.foundation.unified.metrics.boxes import overlaps
from plait.foundation.unified.metrics.image_similarity import Picture
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.relations import RELATIONS, Relation, lies
from plait.foundation.unified.worlds.scene import Corners, Scene, Thing

SAME = 0.5  # overlap over union, from which what is found is the thing that was cut


def verdict(picture: Picture) -> Verdict:
    """Given once for each picture: several measures ask for it."""
    return verdict_of(picture.tobytes(), picture.shape[0])


@lru_cache(4_096)
def verdict_of(content: bytes, side: int) -> Verdict:
    return judge().verdicts([np.frombuffer(content, np.uint8).reshape(side, side, 3)])[0]


def wanted(item: Item) -> Scene:
    assert isinstance(item.answer, Scene)
    return item.answer


def nouns(item: Item) -> Counter[int]:
    return Counter(thing.noun for thing in wanted(item).things)


def found(picture: Picture) -> Counter[int]:
    return Counter(thing.noun for thing in verdict(picture).things)


def shown(item: Item, picture: Picture) -> int:
    """How many of the things that were asked for are to be seen."""
    return (nouns(item) & found(picture)).total()


def counted(item: Item, picture: Picture) -> int:
    """How many of the nouns that were asked for are to be seen in the right number."""
    return sum(found(picture)[noun] == number for noun, number in nouns(item).items())


def on_its_ground(item: Item, picture: Picture) -> bool:
    return verdict(picture).ground == wanted(item).ground


def in_place(item: Item, picture: Picture) -> bool:
    """Whether the one thing lies on the side of the other that was asked for; both have to be there."""
    subject, of = (seen(picture, wanted(item).things[place].noun) for place in item.target)
    side: Relation = next(each for each in RELATIONS if each == item.kind)
    return subject is not None and of is not None and lies(subject, side, of)


def seen(picture: Picture, noun: int) -> Thing | None:
    first = next((thing for thing in verdict(picture).things if thing.noun == noun), None)
    return first and Thing(noun, 0, first.box, False, None)


def as_asked(item: Item, picture: Picture) -> bool:
    """All of it, and nothing else."""
    there = found(picture) == nouns(item) and on_its_ground(item, picture)
    return there and (item.kind not in RELATIONS or in_place(item, picture))


def recognised(item: Item, picture: Picture) -> bool:
    """Whether the judge finds the thing that had been cut, where it was."""
    cut = wanted(item).things[item.target[0]]
    return any(is_the(cut.box, cut.noun, each) for each in verdict(picture).things)


def is_the(box: Corners, noun: int, found: Seen) -> bool:
    return found.noun == noun and float(overlaps([found.box], [box])[0, 0]) >= SAME
