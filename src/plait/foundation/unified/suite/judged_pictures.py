"""Scores of generated pictures by the judge: requested objects, counts, positions and background.

The questions are those of GenEval (arXiv 2310.11513): object, count, colour (here of the background) and position.
"""

from collections import Counter
from functools import lru_cache

import numpy as np

from plait.foundation.unified.judge.detection import JudgedObject, JudgeVerdict
from plait.foundation.unified.judge.shipped import judge
from plait.foundation.unified.metrics.boxes import iou_matrix
from plait.foundation.unified.metrics.image_similarity import PixelArray
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.relations import RELATIONS, Relation, is_on_side
from plait.foundation.unified.worlds.scene import PixelBox, Scene, Thing

MIN_IOU = 0.5  # minimum IoU at which a detection is the thing under the hole


def verdict(picture: PixelArray) -> JudgeVerdict:
    """The verdict on a picture, cached because several metrics use it."""
    return cached_verdict(picture.tobytes(), picture.shape[0])


@lru_cache(4_096)
def cached_verdict(content: bytes, side: int) -> JudgeVerdict:
    return judge().verdicts([np.frombuffer(content, np.uint8).reshape(side, side, 3)])[0]


def target_scene(item: Item) -> Scene:
    assert isinstance(item.answer, Scene)
    return item.answer


def target_nouns(item: Item) -> Counter[int]:
    return Counter(thing.noun for thing in target_scene(item).things)


def detected_nouns(picture: PixelArray) -> Counter[int]:
    return Counter(thing.noun for thing in verdict(picture).things)


def num_objects_present(item: Item, picture: PixelArray) -> int:
    """Number of requested things that the judge finds."""
    return (target_nouns(item) & detected_nouns(picture)).total()


def num_correct_counts(item: Item, picture: PixelArray) -> int:
    """Number of requested nouns that the judge finds in the right count."""
    return sum(detected_nouns(picture)[noun] == number for noun, number in target_nouns(item).items())


def has_target_ground(item: Item, picture: PixelArray) -> bool:
    return verdict(picture).ground == target_scene(item).ground


def has_target_position(item: Item, picture: PixelArray) -> bool:
    """Whether one thing is on the requested side of the other; False if either is missing."""
    subject, reference = (detected_thing(picture, target_scene(item).things[index].noun) for index in item.target)
    side: Relation = next(each for each in RELATIONS if each == item.kind)
    return subject is not None and reference is not None and is_on_side(subject, side, reference)


def detected_thing(picture: PixelArray, noun: int) -> Thing | None:
    match = next((thing for thing in verdict(picture).things if thing.noun == noun), None)
    return match and Thing(noun, 0, match.box, False, None)


def matches_description(item: Item, picture: PixelArray) -> bool:
    """Whether the picture matches the whole description, without additional things."""
    has_content = detected_nouns(picture) == target_nouns(item) and has_target_ground(item, picture)
    return has_content and (item.kind not in RELATIONS or has_target_position(item, picture))


def is_recognised(item: Item, picture: PixelArray) -> bool:
    """Whether the judge finds the thing under the hole at its place."""
    hidden_thing = target_scene(item).things[item.target[0]]
    return any(is_same_object(hidden_thing.box, hidden_thing.noun, each) for each in verdict(picture).things)


def is_same_object(box: PixelBox, noun: int, detection: JudgedObject) -> bool:
    return detection.noun == noun and float(iou_matrix([detection.box], [box])[0, 0]) >= MIN_IOU
