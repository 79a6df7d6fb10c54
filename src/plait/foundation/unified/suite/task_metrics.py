"""Metrics of each task. The first metric of a task is also reported by slice."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plait.core.evaluation.interval import RESAMPLES, Interval
from plait.foundation.unified.holes import hole_pixels
from plait.foundation.unified.metrics import boxes
from plait.foundation.unified.metrics.auc import auc_statistic
from plait.foundation.unified.metrics.average_precision import Detection, ap_by_threshold, match_by_name
from plait.foundation.unified.metrics.bootstrap import (
    EMPTY_INTERVAL,
    Floats,
    Statistic,
    bootstrap_interval,
    ratio_statistic,
)
from plait.foundation.unified.metrics.cider import cider
from plait.foundation.unified.metrics.image_similarity import MAX_PSNR, PixelArray, psnr, ssim
from plait.foundation.unified.suite import caption_claims
from plait.foundation.unified.suite import judged_pictures as pictures
from plait.foundation.unified.suite.infill_accuracy import gap_accuracy
from plait.foundation.unified.suite.questions import SuiteQuestion, question_text
from plait.foundation.unified.suite.solver import Prediction
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.painting_items import hole_fractions
from plait.foundation.unified.worlds.questions import YES_NO
from plait.foundation.unified.worlds.relations import RELATIONS
from plait.foundation.unified.worlds.rendering import render_scene


@dataclass(frozen=True)
class AnsweredQuestion:
    question: SuiteQuestion
    prediction: Prediction

    @property
    def reference(self) -> Any:
        """The right answer, of the task's answer type, like `answer`, which may also be None."""
        return self.question.item.answer

    @property
    def answer(self) -> Any:
        return self.prediction.answer

    @property
    def text(self) -> str:
        return self.answer or ""


AnsweredQuestions = Sequence[AnsweredQuestion]


@dataclass(frozen=True)
class Metric:
    """A measure in [0, maximum] over the rows that it `applies_to`."""

    name: str
    statistic: Callable[[AnsweredQuestions], Statistic]
    maximum: float = 1.0
    resamples: int = RESAMPLES
    applies_to: Callable[[AnsweredQuestion], bool] = lambda row: True

    def interval(self, rows: AnsweredQuestions) -> Interval:
        applicable = [row for row in rows if self.applies_to(row)]
        return (
            bootstrap_interval(self.statistic(applicable), len(applicable), self.resamples, self.maximum)
            if applicable
            else EMPTY_INTERVAL
        )


def mean_metric(
    name: str,
    score: Callable[[AnsweredQuestion], float],
    applies_to: Callable[[AnsweredQuestion], bool] = lambda row: True,
) -> Metric:
    return Metric(name, lambda rows: ratio_statistic([score(row) for row in rows]), applies_to=applies_to)


def grounding_metric(name: str) -> Metric:
    return mean_metric(name, lambda row: boxes.grounding_scores(row.answer, row.reference)[name])


def claims_metric(name: str, claims_statistic: Callable[[caption_claims.ClaimPairs], Statistic]) -> Metric:
    def statistic(rows: AnsweredQuestions) -> Statistic:
        return claims_statistic([(row_claims(row, row.text), row_claims(row, row.reference)) for row in rows])

    return Metric(name, statistic)


def row_claims(row: AnsweredQuestion, caption: str) -> caption_claims.Claims:
    return caption_claims.claims(caption, row.question.item.language)


def cider_statistic(rows: AnsweredQuestions) -> Statistic:
    """CIDEr-D; document frequencies are counted per language."""
    scores = np.zeros(len(rows))
    for language in {row.question.item.language for row in rows}:
        at = [index for index, row in enumerate(rows) if row.question.item.language == language]
        scores[at] = cider([rows[index].text for index in at], [[rows[index].reference] for index in at])
    return ratio_statistic(scores.tolist())


def detection_f1(rows: AnsweredQuestions, match_names: bool) -> Statistic:
    return boxes.f1_statistic(
        [boxes.match_counts(row.answer or (), row.reference, match_names=match_names) for row in rows]
    )


def ap_statistic(select: Callable[[Floats], Floats]) -> Callable[[AnsweredQuestions], Statistic]:
    """AP with all boxes equally confident (`average_precision`); `select` picks from (resamples, thresholds)."""

    def statistic(rows: AnsweredQuestions) -> Statistic:
        predictions = [[Detection(box, name) for box, name in row.answer or ()] for row in rows]
        references = [[Detection(box, name) for box, name in row.reference] for row in rows]
        by_threshold = ap_by_threshold(match_by_name(predictions, references))
        return lambda weights: select(by_threshold(weights))

    return statistic


def yes_no_auc(rows: AnsweredQuestions) -> Statistic:
    """AUC by `true_logit_margin`, or by the answers if only these are known."""
    signs = [0.0 if row.answer is None else 1.0 if row.answer else -1.0 for row in rows]
    margins = [
        sign if row.prediction.true_logit_margin is None else row.prediction.true_logit_margin
        for row, sign in zip(rows, signs, strict=True)
    ]
    return auc_statistic(margins, [row.reference for row in rows])


def reference_equals(truth_value: bool) -> Callable[[AnsweredQuestion], bool]:
    """Predicate: the right answer is yes (no)."""
    truth_texts = {truth_value, *(by_sign[truth_value] for by_sign in YES_NO.values())}
    return lambda row: row.reference in truth_texts


def exact_match(row: AnsweredQuestion) -> float:
    return float(row.answer == row.reference)


def gap_score(row: AnsweredQuestion) -> float:
    return gap_accuracy(question_text(row.question.item), row.text, row.reference)


def picture_metric(
    name: str,
    score: Callable[[Item, PixelArray], float],
    maximum: float = 1.0,
    applies_to: Callable[[AnsweredQuestion], bool] = lambda row: True,
) -> Metric:
    """A mean over pictures; a missing picture scores 0."""

    def picture_score(row: AnsweredQuestion) -> float:
        return 0.0 if row.answer is None else float(score(row.question.item, row.answer))

    return replace(mean_metric(name, picture_score, applies_to), maximum=maximum)


def total_metric(name: str, score: Callable[[Item, PixelArray], int], total: Callable[[Item], int]) -> Metric:
    """The share of all requested items, over all pictures together."""

    def statistic(rows: AnsweredQuestions) -> Statistic:
        items = [row.question.item for row in rows]
        scores = [0 if row.answer is None else score(item, row.answer) for item, row in zip(items, rows, strict=True)]
        return ratio_statistic(scores, [total(item) for item in items])

    return Metric(name, statistic)


def hole_score(score: Callable[[PixelArray, PixelArray], float]) -> Callable[[Item, PixelArray], float]:
    """Compares the generated content of a hole with the original."""

    def score_in_hole(item: Item, picture: PixelArray) -> float:
        left, top, right, bottom = hole_pixels(hole_fractions(item), len(picture))
        reference = render_scene(pictures.target_scene(item), len(picture))
        return score(picture[top:bottom, left:right], reference[top:bottom, left:right])

    return score_in_hole


YES_NO_METRICS = (
    mean_metric("yes is right", exact_match, reference_equals(True)),
    mean_metric("no is right", exact_match, reference_equals(False)),
)
AP_RESAMPLES = 200  # 0.1 s per measure for 500 pictures; 1,000 resamples take 0.5 s
METRICS: Mapping[str, tuple[Metric, ...]] = {
    "locate": tuple(map(grounding_metric, ("Acc@0.5", "Acc@0.75", "IoU"))),
    "describe_region": (
        mean_metric(
            "noun",
            lambda row: float(row_claims(row, row.text).nouns.keys() == row_claims(row, row.reference).nouns.keys()),
        ),
        mean_metric("exact", exact_match),
        Metric("CIDEr-D", cider_statistic, maximum=10.0),
    ),
    "matches": (Metric("AUC", yes_no_auc), mean_metric("accuracy", exact_match), *YES_NO_METRICS),
    "describe": (
        claims_metric("noun recall", caption_claims.recall),
        claims_metric("noun precision", caption_claims.precision),
        claims_metric("counts", caption_claims.count_accuracy),
        claims_metric("ground colour", caption_claims.ground_accuracy),
        mean_metric("exact", exact_match),
        Metric("CIDEr-D", cider_statistic, maximum=10.0),
    ),
    "ask": (mean_metric("accuracy", exact_match), *YES_NO_METRICS),
    "detect": (
        Metric("F1@0.5", lambda rows: detection_f1(rows, match_names=True)),
        Metric("F1@0.5 boxes", lambda rows: detection_f1(rows, match_names=False)),
        Metric("AP@[.5:.95]", ap_statistic(lambda each: each.mean(1)), resamples=AP_RESAMPLES),
        Metric("AP50", ap_statistic(lambda each: each[:, 0]), resamples=AP_RESAMPLES),
        Metric("AP75", ap_statistic(lambda each: each[:, 5]), resamples=AP_RESAMPLES),
    ),
    "restore_text": (mean_metric("exact", exact_match), mean_metric("gaps", gap_score)),
    "draw": (
        total_metric("objects", pictures.num_objects_present, lambda item: len(pictures.target_scene(item).things)),
        total_metric("counts", pictures.num_correct_counts, lambda item: len(pictures.target_nouns(item))),
        picture_metric("ground colour", pictures.has_target_ground),
        picture_metric(
            "position", pictures.has_target_position, applies_to=lambda row: row.question.item.kind in RELATIONS
        ),
        picture_metric("as asked", pictures.matches_description),
    ),
    "restore_image": (
        picture_metric("recall", pictures.is_recognised),
        picture_metric("PSNR", hole_score(psnr), maximum=MAX_PSNR),
        picture_metric("SSIM", hole_score(ssim)),
    ),
}


def metric_maximum(name: str) -> float:
    """The highest value of a metric, or 1 for a slice, which reports a first metric."""
    return next((each.maximum for sheet in METRICS.values() for each in sheet if each.name == name), 1.0)
