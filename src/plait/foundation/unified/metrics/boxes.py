"""Comparison of boxes: IoU, grounding scores, and F1 of detections.

A box is left, top, right, bottom, in any common unit; a box without area has IoU 0 with every box.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from plait.foundation.unified.metrics.bootstrap import Floats, Statistic, ratio_statistic


def iou_matrix(predictions: Sequence[Sequence[float]], references: Sequence[Sequence[float]]) -> Floats:
    """Intersection over union of each prediction (row) with each reference (column)."""
    predicted, reference = box_array(predictions)[:, None], box_array(references)[None]
    sides = np.minimum(predicted[..., 2:], reference[..., 2:]) - np.maximum(predicted[..., :2], reference[..., :2])
    intersection = sides.clip(0).prod(-1)
    union = box_areas(predicted) + box_areas(reference) - intersection
    return np.divide(intersection, union, out=np.zeros_like(intersection), where=union > 0)


def box_array(boxes: Sequence[Sequence[float]]) -> Floats:
    """Boxes as an array (boxes, 4), also for an empty sequence."""
    return np.asarray(boxes, np.float64).reshape(-1, 4)


def box_areas(boxes: Floats) -> Floats:
    return (boxes[..., 2:] - boxes[..., :2]).clip(0).prod(-1)


def grounding_scores(prediction: Sequence[float] | None, reference: Sequence[float]) -> dict[str, float]:
    """Scores of one box, 0 for a missing one. Acc@0.5 is the metric of RefCOCO."""
    overlap = float(iou_matrix([prediction], [reference])[0, 0]) if prediction is not None else 0.0
    return {"Acc@0.5": float(overlap >= 0.5), "Acc@0.75": float(overlap >= 0.75), "IoU": overlap}


def match_pairs(iou: Floats, min_iou: float) -> list[tuple[int, int]]:
    """One-to-one matches as (row, column), greedily by highest IoU, down to `min_iou`."""
    remaining, pairs = iou.copy(), []
    while remaining.size and (best := remaining.max()) >= min_iou:
        row, column = divmod(int(remaining.argmax()), remaining.shape[1])
        assert best > 0, "overlap thresholds are above zero"
        pairs.append((row, column))
        remaining[row], remaining[:, column] = -1, -1
    return pairs


@dataclass(frozen=True)
class MatchCounts:
    """Numbers of matches, predicted boxes and reference boxes."""

    num_matched: int
    num_predicted: int
    num_references: int


NamedBoxes: TypeAlias = Sequence[tuple[Sequence[float], str]]


def match_counts(
    predictions: NamedBoxes, references: NamedBoxes, min_iou: float = 0.5, match_names: bool = False
) -> MatchCounts:
    """Counts matches by box only, or with `match_names` by box and name."""
    overlap = iou_matrix([box for box, _ in predictions], [box for box, _ in references])
    if match_names:
        is_same_name = [
            [predicted_name == reference_name for _, reference_name in references] for _, predicted_name in predictions
        ]
        overlap = overlap * np.asarray(is_same_name, bool).reshape(overlap.shape)
    return MatchCounts(len(match_pairs(overlap, min_iou)), len(predictions), len(references))


def f1_statistic(counts: Sequence[MatchCounts]) -> Statistic:
    """F1 over all pictures together, so that each box counts equally."""
    return ratio_statistic(
        [2 * each.num_matched for each in counts], [each.num_predicted + each.num_references for each in counts]
    )
