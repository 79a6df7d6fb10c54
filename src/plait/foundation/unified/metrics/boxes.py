"""Boxes held against boxes: overlap, grounding, and the F1 of what was found.

A box is left, top, right, bottom, in any one unit; where it has no area it overlaps with nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from plait.foundation.unified.metrics.bootstrap import Floats, Statistic, ratio


def overlaps(predictions: Sequence[Sequence[float]], references: Sequence[Sequence[float]]) -> Floats:
    """Intersection over union of each prediction (row) with each reference (column)."""
    ours, theirs = corners(predictions)[:, None], corners(references)[None]
    sides = np.minimum(ours[..., 2:], theirs[..., 2:]) - np.maximum(ours[..., :2], theirs[..., :2])
    both = sides.clip(0).prod(-1)
    either = areas(ours) + areas(theirs) - both
    return np.divide(both, either, out=np.zeros_like(both), where=either > 0)


def corners(boxes: Sequence[Sequence[float]]) -> Floats:
    """(boxes, 4), also where there are none."""
    return np.asarray(boxes, np.float64).reshape(-1, 4)


def areas(boxes: Floats) -> Floats:
    return (boxes[..., 2:] - boxes[..., :2]).clip(0).prod(-1)


def grounding(prediction: Sequence[float] | None, reference: Sequence[float]) -> dict[str, float]:
    """How well one box is placed; no box is no overlap. Acc@0.5 is the measure of RefCOCO."""
    overlap = float(overlaps([prediction], [reference])[0, 0]) if prediction is not None else 0.0
    return {"Acc@0.5": float(overlap >= 0.5), "Acc@0.75": float(overlap >= 0.75), "IoU": overlap}


def pairs(overlap: Floats, at_least: float) -> list[tuple[int, int]]:
    """Row and column of boxes that belong together, one to one: the best overlap first, as long as it is enough."""
    left, found = overlap.copy(), []
    while left.size and (best := left.max()) >= at_least:
        row, column = divmod(int(left.argmax()), left.shape[1])
        assert best > 0, "overlaps are asked for above zero"
        found.append((row, column))
        left[row], left[:, column] = -1, -1
    return found


@dataclass(frozen=True)
class Found:
    """So many of `said` boxes are among the `there` ones."""

    right: int
    said: int
    there: int


Named: TypeAlias = Sequence[tuple[Sequence[float], str]]


def found(predictions: Named, references: Named, at_least: float = 0.5, names: bool = False) -> Found:
    """Of boxes alone, or with `names` of those that are called the same too."""
    overlap = overlaps([box for box, _ in predictions], [box for box, _ in references])
    if names:
        same = [[said == meant for _, meant in references] for _, said in predictions]
        overlap = overlap * np.asarray(same, bool).reshape(overlap.shape)
    return Found(len(pairs(overlap, at_least)), len(predictions), len(references))


def f1(pictures: Sequence[Found]) -> Statistic:
    """Over all pictures together, so that a picture counts by its boxes."""
    return ratio([2 * one.right for one in pictures], [one.said + one.there for one in pictures])
