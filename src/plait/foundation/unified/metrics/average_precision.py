"""COCO's average precision: AP@[.5:.95], AP50 and AP75, each name evaluated by itself.

The numbers are those of pycocotools for boxes of any size, at most 100 of a name on a picture, without crowd regions
(the tests hold them against it). AP ranks what was found by confidence. A model that writes its boxes as text has none
unless it says so: then all are equally sure and stand in the order of the pictures, which makes AP about precision
times recall, and F1 the plainer number.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plait.foundation.unified.metrics.bootstrap import Floats
from plait.foundation.unified.metrics.boxes import iou_matrix

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
MAX_DETECTIONS = 100  # boxes of one name on one picture


@dataclass(frozen=True)
class Detection:
    box: Sequence[float]
    name: str
    score: float = 0.0


@dataclass(frozen=True)
class NameMatches:
    """What was found under one name, the surest first: on which picture, and whether it is right at each threshold
    (thresholds, found). `reference_images` are the pictures of what should have been found, one entry each.
    """

    name: str
    image_index: NDArray[np.intp]
    is_correct: NDArray[np.bool_]
    reference_images: NDArray[np.intp]


Detections = Sequence[Sequence[Detection]]


def match_by_name(predictions: Detections, references: Detections) -> list[NameMatches]:
    """Predictions and references are one sequence a picture. Names that nothing is called are left out, as COCO does:
    what is wrongly called so costs only the recall of its true name.
    """
    predictions_by_name, references_by_name = group_by_name(predictions), group_by_name(references)
    return [
        match_name(name, predictions_by_name.get(name, {}), references_by_name[name])
        for name in sorted(references_by_name)
    ]


DetectionsByImage = Mapping[int, list[Detection]]  # what is called alike, by the number of the picture


def group_by_name(detections: Detections) -> dict[str, dict[int, list[Detection]]]:
    by_name: dict[str, dict[int, list[Detection]]] = {}
    for picture, of_picture in enumerate(detections):
        for detection in of_picture:
            by_name.setdefault(detection.name, {}).setdefault(picture, []).append(detection)
    return by_name


def match_name(name: str, predictions: DetectionsByImage, references: DetectionsByImage) -> NameMatches:
    by_image = {
        picture: sorted(of_picture, key=lambda detection: -detection.score)[:MAX_DETECTIONS]
        for picture, of_picture in predictions.items()
    }
    is_correct = [
        correct_by_threshold(iou_matrix(detection_boxes(of_picture), detection_boxes(references.get(image_index, ()))))
        for image_index, of_picture in by_image.items()
    ]
    order = np.argsort(
        np.array([-detection.score for of_picture in by_image.values() for detection in of_picture]), kind="stable"
    )
    return NameMatches(
        name,
        image_indices(by_image)[order],
        np.hstack([np.zeros((len(THRESHOLDS), 0), bool), *is_correct])[:, order],
        image_indices(references),
    )


def detection_boxes(detections: Iterable[Detection]) -> list[Sequence[float]]:
    return [detection.box for detection in detections]


def image_indices(detections: DetectionsByImage) -> NDArray[np.intp]:
    """Each picture as often as it has something."""
    return np.array([picture for picture, of_picture in detections.items() for _ in of_picture], np.intp)


def correct_by_threshold(iou: Floats) -> NDArray[np.bool_]:
    """(thresholds, found): the surest takes the reference it overlaps most and that is still free."""
    right = np.zeros((len(THRESHOLDS), len(iou)), bool)
    for level, threshold in enumerate(THRESHOLDS):
        free = iou.copy()
        for at, row in enumerate(free):
            # Of references overlapped alike, COCO takes the last.
            best = len(row) - 1 - int(row[::-1].argmax()) if len(row) else -1
            if best >= 0 and row[best] >= min(threshold, 1 - 1e-10):
                right[level, at] = True
                free[:, best] = -1
    return right


def ap_by_threshold(matches: Sequence[NameMatches]) -> Callable[[Floats], Floats]:
    """From weights (draws, pictures) to the mean over names (draws, thresholds); NaN where nothing is to be found.

    A picture that is drawn twice counts as twice what was found there, at once: the copies do not rank apart.
    """

    def values(weights: Floats) -> Floats:
        total = np.zeros((len(weights), len(THRESHOLDS)))
        num_names = np.zeros((len(weights), 1))
        for match in matches:
            num_references = weights[:, match.reference_images].sum(1, keepdims=True)
            total += np.where(num_references > 0, interpolated_precision(match, weights, num_references), 0.0)
            num_names += num_references > 0
        return np.divide(total, num_names, out=np.full_like(total, np.nan), where=num_names > 0)

    return values


def interpolated_precision(matches: NameMatches, weights: Floats, num_references: Floats) -> Floats:
    """(draws, thresholds): precision averaged over recalls 0, .01 .. 1, each the best at that recall or beyond it."""
    prediction_weights = weights[:, matches.image_index]
    hits = (prediction_weights[:, None] * matches.is_correct).cumsum(-1)  # (draws, thresholds, found)
    precision = hits / (prediction_weights.cumsum(-1)[:, None] + np.spacing(1))
    best = np.maximum.accumulate(precision[..., ::-1], axis=-1)[..., ::-1]
    recall_index = np.searchsorted(RECALLS, hits / np.maximum(num_references, 1)[..., None], side="right")
    return (best * np.diff(recall_index, axis=-1, prepend=0)).sum(-1) / len(RECALLS)
