"""AP is that of pycocotools."""

import random
from collections.abc import Sequence

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from plait.foundation.unified.metrics.average_precision import (
    Detection,
    Detections,
    ap_by_threshold,
    match_by_name,
)

NAMES = ("cat", "dog", "fox", "owl")


def random_box(rng: random.Random, like: Sequence[float] | None = None) -> tuple[float, ...]:
    if like is None:
        x, y = rng.randint(0, 60), rng.randint(0, 60)
        return (x, y, x + rng.randint(4, 40), y + rng.randint(4, 40))
    x0, y0, x1, y1 = (side + rng.randint(-3, 3) for side in like)
    return (x0, y0, max(x0 + 1, x1), max(y0 + 1, y1))


def random_pictures(seed: int, scored: bool) -> tuple[Detections, Detections]:
    """What was said and what is there: near misses, doubles, wrong names, inventions; few scores, so that many tie."""
    rng = random.Random(seed)
    predictions: list[list[Detection]] = []
    references: list[list[Detection]] = []
    for _ in range(rng.randint(1, 30)):
        references.append([Detection(random_box(rng), rng.choice(NAMES[:3])) for _ in range(rng.randint(0, 5))])
        guesses = [one for one in references[-1] for _ in range(rng.choice((0, 1, 1, 2)))]
        predictions.append(
            [
                Detection(
                    random_box(rng, one.box if rng.random() < 0.8 else None),
                    one.name if rng.random() < 0.8 else rng.choice(NAMES),
                    rng.randint(0, 9) / 10 if scored else 0.0,
                )
                for one in guesses
            ]
        )
    return predictions, references


def average_precision(predictions: Detections, references: Detections) -> list[float]:
    """AP, AP50 and AP75; zero where nothing is to be found, as there is no name then to take the mean over."""
    (by_threshold,) = np.nan_to_num(
        ap_by_threshold(match_by_name(predictions, references))(np.ones((1, len(references))))
    )
    return [by_threshold.mean(), by_threshold[0], by_threshold[5]]


def by_pycocotools(predictions: Detections, references: Detections) -> list[float]:
    """AP, AP50 and AP75."""

    def entry(number: int, picture: int, one: Detection) -> dict[str, object]:
        x0, y0, x1, y1 = one.box
        sides = {"bbox": [x0, y0, x1 - x0, y1 - y0], "area": (x1 - x0) * (y1 - y0)}
        names = {"id": number, "image_id": picture, "category_id": NAMES.index(one.name) + 1}
        return {**names, **sides, "iscrowd": 0, "score": one.score}

    def entries(detections: Detections) -> list[dict[str, object]]:
        flat = [(picture, one) for picture, each in enumerate(detections, 1) for one in each]
        return [entry(number, picture, one) for number, (picture, one) in enumerate(flat, 1)]

    truth = COCO()
    truth.dataset = {
        "images": [{"id": picture} for picture in range(1, len(references) + 1)],
        "categories": [{"id": number} for number in range(1, len(NAMES) + 1)],
        "annotations": entries(references),
        "info": {},
    }
    truth.createIndex()
    judge = COCOeval(truth, truth.loadRes(entries(predictions)), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    return [float(each) for each in judge.stats[:3]]


@pytest.mark.parametrize("scored", [True, False], ids=["with scores", "all equally sure"])
@pytest.mark.parametrize("seed", range(12))
def test_average_precision_equals_that_of_pycocotools(seed: int, scored: bool) -> None:
    predictions, references = random_pictures(seed, scored)
    assert average_precision(predictions, references) == pytest.approx(
        by_pycocotools(predictions, references), abs=1e-9
    )


def test_detections_beyond_a_hundred_per_name_are_dropped_like_in_pycocotools() -> None:
    rng = random.Random(1)
    references = [[Detection(random_box(rng), "cat") for _ in range(3)]]
    predictions = [
        [Detection(random_box(rng), "cat", rng.random()) for _ in range(150)] + [Detection(references[0][0].box, "cat")]
    ]
    assert average_precision(predictions, references) == pytest.approx(
        by_pycocotools(predictions, references), abs=1e-9
    )


def test_all_correct_is_1_and_no_detection_is_0() -> None:
    _, references = random_pictures(3, scored=False)
    assert average_precision(references, references) == pytest.approx([1.0] * 3), "as far as rounding goes"
    assert average_precision([[] for _ in references], references) == [0, 0, 0]


@pytest.mark.parametrize("seed", range(4))
def test_a_picture_with_weight_zero_does_not_count(seed: int) -> None:
    predictions, references = random_pictures(seed, scored=True)
    selected = [at % 3 > 0 for at in range(len(predictions))]
    weighted = ap_by_threshold(match_by_name(predictions, references))(
        np.array([selected, [True] * len(predictions)], float)
    )
    without = [[each for each, keep in zip(side, selected, strict=True) if keep] for side in (predictions, references)]
    for row, pictures in zip(weighted, (without, (predictions, references)), strict=True):
        assert np.nan_to_num(row).mean() == pytest.approx(average_precision(*pictures)[0])


def test_duplicating_all_pictures_changes_nothing() -> None:
    predictions, references = random_pictures(2, scored=True)
    once, twice = ap_by_threshold(match_by_name(predictions, references))(np.ones((2, len(predictions))) * [[1], [2]])
    assert once == pytest.approx(twice) and 0 < once.mean() < 1
