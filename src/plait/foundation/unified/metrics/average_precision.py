"""COCO average precision: AP@[.5:.95], AP50 and AP75, averaged over names.

The numbers equal those of pycocotools for boxes of any area, at most 100 detections per name and picture, without crowd
regions (checked in the tests). AP ranks detections by confidence. A model that writes boxes as text has no confidence
unless it reports one: then all detections rank equally, in the order of the pictures, and AP is about precision times
recall; F1 is the simpler number.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from plait.foundation.unified.metrics.bootstrap import Floats
from plait.foundation.unified.metrics.boxes import iou_matrix

THRESHOLDS = np.linspace(0.5, 0.95, 10)
RECALLS = np.linspace(0.0, 1.0, 101)
MAX_DETECTIONS = 100  # detections of one name on one picture


@dataclass(frozen=True)
class Detection:
    box: Sequence[float]
    name: str
    score: float = 0.0


@dataclass(frozen=True)
class NameMatches:
    """Detections of one name by falling confidence: their pictures, and whether each is correct at each threshold
    (thresholds, detections). `reference_images` has the picture of each reference box.
    """

    name: str
    image_index: NDArray[np.intp]
    is_correct: NDArray[np.bool_]
    reference_images: NDArray[np.intp]


Detections = Sequence[Sequence[Detection]]


def match_by_name(predictions: Detections, references: Detections) -> list[NameMatches]:
    """Matches per name; predictions and references are one sequence per picture. Names without a reference are left
    out, as in COCO: a wrong name costs only the recall of the right one.
    """
    predictions_by_name, references_by_name = group_by_name(predictions), group_by_name(references)
    return [
        match_name(name, predictions_by_name.get(name, {}), references_by_name[name])
        for name in sorted(references_by_name)
    ]


DetectionsByImage = Mapping[int, list[Detection]]  # detections of one name by picture index


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
    """The picture index of each detection."""
    return np.array([picture for picture, of_picture in detections.items() for _ in of_picture], np.intp)


def correct_by_threshold(iou: Floats) -> NDArray[np.bool_]:
    """(thresholds, detections): each detection, most confident first, takes the free reference with the highest IoU."""
    right = np.zeros((len(THRESHOLDS), len(iou)), bool)
    for level, threshold in enumerate(THRESHOLDS):
        free = iou.copy()
        for at, row in enumerate(free):
            # Among references of equal IoU, COCO takes the last.
            best = len(row) - 1 - int(row[::-1].argmax()) if len(row) else -1
            if best >= 0 and row[best] >= min(threshold, 1 - 1e-10):
                right[level, at] = True
                free[:, best] = -1
    return right


def ap_by_threshold(matches: Sequence[NameMatches]) -> Callable[[Floats], Floats]:
    """Returns a function from weights (resamples, pictures) to the mean over names (resamples, thresholds); NaN without
    references.

    A picture of weight 2 counts its detections twice at the same rank; copies are not ranked separately.
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
    """(resamples, thresholds): mean of the best precision at or beyond each of the recalls 0, .01 .. 1."""
    prediction_weights = weights[:, matches.image_index]
    hits = (prediction_weights[:, None] * matches.is_correct).cumsum(-1)  # (resamples, thresholds, detections)
    precision = hits / (prediction_weights.cumsum(-1)[:, None] + np.spacing(1))
    best = np.maximum.accumulate(precision[..., ::-1], axis=-1)[..., ::-1]
    recall_index = np.searchsorted(RECALLS, hits / np.maximum(num_references, 1)[..., None], side="right")
    return (best * np.diff(recall_index, axis=-1, prepend=0)).sum(-1) / len(RECALLS)
