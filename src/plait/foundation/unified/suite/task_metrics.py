"""What each task is measured by; the first measure is the one that is told of parts of the suite too."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plait.core.evaluation.interval import RESAMPLES, Interval
from plait.foundation.unified.holes import pixels_in
from plait.foundation.unified.metrics import boxes
from plait.foundation.unified.metrics.auc import areas
from plait.foundation.unified.metrics.average_precision import Detection, by_name, levels
from plait.foundation.unified.metrics.bootstrap import NOTHING, Floats, Statistic, interval, ratio
from plait.foundation.unified.metrics.cider import cider
from plait.foundation.unified.metrics.image_similarity import MOST, Picture, psnr, ssim
from plait.foundation.unified.suite import caption_claims
from plait.foundation.unified.suite import judged_pictures as pictures
from plait.foundation.unified.suite.infill_accuracy import restored
from plait.foundation.unified.suite.questions import Question, text
from plait.foundation.unified.suite.solver import Said
from plait.foundation.unified.worlds.items import Item
from plait.foundation.unified.worlds.painting_items import hole_of
from plait.foundation.unified.worlds.questions import YES_NO
from plait.foundation.unified.worlds.relations import RELATIONS
from plait.foundation.unified.worlds.rendering import drawn


@dataclass(frozen=True)
class Judged:
    question: Question
    said: Said

    @property
    def right(self) -> Any:
        """Of the type that the task answers with, as what is `given`, which may also be None."""
        return self.question.item.answer

    @property
    def given(self) -> Any:
        return self.said.answer

    @property
    def words(self) -> str:
        return self.given or ""


Rows = Sequence[Judged]


@dataclass(frozen=True)
class Measure:
    """In [0, top], over the rows that it `concerns`."""

    name: str
    of: Callable[[Rows], Statistic]
    top: float = 1.0
    resamples: int = RESAMPLES
    concerns: Callable[[Judged], bool] = lambda row: True

    def interval(self, rows: Rows) -> Interval:
        concerned = [row for row in rows if self.concerns(row)]
        return interval(self.of(concerned), len(concerned), self.resamples, self.top) if concerned else NOTHING


def mean(name: str, score: Callable[[Judged], float], concerns: Callable[[Judged], bool] = lambda row: True) -> Measure:
    return Measure(name, lambda rows: ratio([score(row) for row in rows]), concerns=concerns)


def grounded(name: str) -> Measure:
    return mean(name, lambda row: boxes.grounding(row.given, row.right)[name])


def claimed(name: str, measure: Callable[[caption_claims.Pairs], Statistic]) -> Measure:
    def of(rows: Rows) -> Statistic:
        return measure([(claims(row, row.words), claims(row, row.right)) for row in rows])

    return Measure(name, of)


def claims(row: Judged, caption: str) -> caption_claims.Claims:
    return caption_claims.claims(caption, row.question.item.language)


def captions(rows: Rows) -> Statistic:
    """CIDEr-D, rarity being counted in each language by itself."""
    scores = np.zeros(len(rows))
    for language in {row.question.item.language for row in rows}:
        at = [place for place, row in enumerate(rows) if row.question.item.language == language]
        scores[at] = cider([rows[place].words for place in at], [[rows[place].right] for place in at])
    return ratio(scores.tolist())


def found(rows: Rows, names: bool) -> Statistic:
    return boxes.f1([boxes.found(row.given or (), row.right, names=names) for row in rows])


def precision(level: Callable[[Floats], Floats]) -> Callable[[Rows], Statistic]:
    """AP, all boxes being equally sure (ap.py); `level` picks from (draws, thresholds)."""

    def of(rows: Rows) -> Statistic:
        said = [[Detection(box, name) for box, name in row.given or ()] for row in rows]
        there = [[Detection(box, name) for box, name in row.right] for row in rows]
        at_each = levels(by_name(said, there))
        return lambda weights: level(at_each(weights))

    return of


def leanings(rows: Rows) -> Statistic:
    """Where only yes or no is known, these are the leanings."""
    signs = [0.0 if row.given is None else 1.0 if row.given else -1.0 for row in rows]
    known = [sign if row.said.leaning is None else row.said.leaning for row, sign in zip(rows, signs, strict=True)]
    return areas(known, [row.right for row in rows])


def answered(truth: bool) -> Callable[[Judged], bool]:
    """Whether yes (no) is right."""
    words = {truth, *(by_sign[truth] for by_sign in YES_NO.values())}
    return lambda row: row.right in words


def exact(row: Judged) -> float:
    return float(row.given == row.right)


def gaps(row: Judged) -> float:
    return restored(text(row.question.item), row.words, row.right)


def painted(
    name: str,
    score: Callable[[Item, Picture], float],
    top: float = 1.0,
    concerns: Callable[[Judged], bool] = lambda row: True,
) -> Measure:
    """A mean over pictures; one that was not painted has nothing of it."""

    def of(row: Judged) -> float:
        return 0.0 if row.given is None else float(score(row.question.item, row.given))

    return replace(mean(name, of, concerns), top=top)


def of_all(name: str, score: Callable[[Item, Picture], int], whole: Callable[[Item], int]) -> Measure:
    """A share of what was asked for in all pictures together."""

    def of(rows: Rows) -> Statistic:
        items = [row.question.item for row in rows]
        parts = [0 if row.given is None else score(item, row.given) for item, row in zip(items, rows, strict=True)]
        return ratio(parts, [whole(item) for item in items])

    return Measure(name, of)


def in_the_hole(score: Callable[[Picture, Picture], float]) -> Callable[[Item, Picture], float]:
    """Of what was painted against what had been there."""

    def of(item: Item, picture: Picture) -> float:
        left, top, right, bottom = pixels_in(hole_of(item), len(picture))
        there = drawn(pictures.wanted(item), len(picture))
        return score(picture[top:bottom, left:right], there[top:bottom, left:right])

    return of


SIGNS = (mean("yes is right", exact, answered(True)), mean("no is right", exact, answered(False)))
AP_RESAMPLES = 200  # a tenth of a second for 500 pictures; a thousand draws half a second, of each measure
SHEETS: Mapping[str, tuple[Measure, ...]] = {
    "locate": tuple(map(grounded, ("Acc@0.5", "Acc@0.75", "IoU"))),
    "describe_region": (
        mean("noun", lambda row: float(claims(row, row.words).nouns.keys() == claims(row, row.right).nouns.keys())),
        mean("exact", exact),
        Measure("CIDEr-D", captions, top=10.0),
    ),
    "matches": (Measure("AUC", leanings), mean("accuracy", exact), *SIGNS),
    "describe": (
        claimed("noun recall", caption_claims.recall),
        claimed("noun precision", caption_claims.precision),
        claimed("counts", caption_claims.counts),
        claimed("ground colour", caption_claims.ground_colour),
        mean("exact", exact),
        Measure("CIDEr-D", captions, top=10.0),
    ),
    "ask": (mean("accuracy", exact), *SIGNS),
    "detect": (
        Measure("F1@0.5", lambda rows: found(rows, names=True)),
        Measure("F1@0.5 boxes", lambda rows: found(rows, names=False)),
        Measure("AP@[.5:.95]", precision(lambda each: each.mean(1)), resamples=AP_RESAMPLES),
        Measure("AP50", precision(lambda each: each[:, 0]), resamples=AP_RESAMPLES),
        Measure("AP75", precision(lambda each: each[:, 5]), resamples=AP_RESAMPLES),
    ),
    "restore_text": (mean("exact", exact), mean("gaps", gaps)),
    "draw": (
        of_all("objects", pictures.shown, lambda item: len(pictures.wanted(item).things)),
        of_all("counts", pictures.counted, lambda item: len(pictures.nouns(item))),
        painted("ground colour", pictures.on_its_ground),
        painted("position", pictures.in_place, concerns=lambda row: row.question.item.kind in RELATIONS),
        painted("as asked", pictures.as_asked),
    ),
    "restore_image": (
        painted("recall", pictures.recognised),
        painted("PSNR", in_the_hole(psnr), top=MOST),
        painted("SSIM", in_the_hole(ssim)),
    ),
}


def top(name: str) -> float:
    """The highest value of a measure, or of a part of the suite, which is told in a first measure: 1."""
    return next((each.top for sheet in SHEETS.values() for each in sheet if each.name == name), 1.0)
