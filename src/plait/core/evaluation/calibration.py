"""Fits a calibration on one half of answers with known right values, and measures it on the other."""

import hashlib
import random
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate

from plait.core.engine.calibration import (
    Judgement,
    LogisticModel,
    answer_features,
    value_confidence,
    value_features,
    value_group,
)
from plait.core.engine.signals import AnswerSignals
from plait.core.evaluation.interval import Interval
from plait.core.evaluation.logistic import Observation, fit
from plait.core.prompting.example_rows import Example
from plait.core.prompting.few_shot import normalized_inputs
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import canonical_json
from plait.core.values.span import column_path

BINS = 10  # of equal mass
RESAMPLES = 300
MIN_GROUP = 5  # answers with the same value in a field
COVERAGES = (1.0, 0.8, 0.6, 0.4, 0.2)


@dataclass(frozen=True)
class JudgedAnswer:
    """An answer with its signals; `right` says of each value, by path, whether it is right; `exact`, of all."""

    signals: AnswerSignals
    right: Mapping[str, bool]
    exact: bool


@dataclass(frozen=True)
class CalibrationFigures:
    """How well confidence agrees with the truth.

    `ece` is the expected calibration error over ten bins of equal mass, `base_ece` that of the constant base rate;
    `auroc` the probability that a right value has a higher confidence than a wrong one, None where all are alike.
    `accuracy` is that of the surest share of values, by coverage.
    """

    count: int
    right: float
    ece: Interval
    base_ece: float
    auroc: Interval | None
    accuracy: dict[float, float]


@dataclass(frozen=True)
class ConfidenceFigures:
    """The figures of values and of whole answers. `missing` values have no confidence: no answer that the calibration
    was fitted on had their field.
    """

    values: CalibrationFigures
    answers: CalibrationFigures
    missing: int = 0


def fit_models(answers: Sequence[JudgedAnswer]) -> tuple[LogisticModel, LogisticModel]:
    """The models of values and of whole answers."""
    groups = frequent_groups(answers)
    values = fit([
        Observation(value_features(each.signals, path), right, value_group(each.signals, path, groups))
        for each in answers
        for path, right in each.right.items()
        if path in each.signals
    ])  # fmt: skip
    # A field whose values are all frequent has no group of its own yet: another value of it has no bias.
    fields = {column_path(path): 0.0 for each in answers for path in each.right if path in each.signals}
    values = replace(values, groups={**fields, **values.groups})
    confidence = [value_confidence(values, each.signals) for each in answers]
    whole = [
        Observation(answer_features(each.signals, known), each.exact)
        for each, known in zip(answers, confidence, strict=True)
    ]
    return values, fit(whole, grouped=False)


def frequent_groups(answers: Sequence[JudgedAnswer]) -> set[str]:
    """The fields with a value that is frequent enough for a bias of its own."""
    counts = Counter(
        f"{column_path(path)}={each.signals[path].text}"
        for each in answers
        for path in each.right
        if path in each.signals and each.signals[path].text
    )
    return {name for name, count in counts.items() if count >= MIN_GROUP}


def value_judgements(confidence: Mapping[str, float], right: Mapping[str, bool]) -> list[Judgement]:
    """The judgements of the values of an answer that have a confidence."""
    return [Judgement(confidence[path], is_right) for path, is_right in right.items() if path in confidence]


def is_measured(declaration: Declaration, example: Example) -> bool:
    """Whether a row is in the half that a calibration is measured on: by a digest of its inputs, so that it is the
    same half in every run.
    """
    return inputs_digest(declaration, example)[0] % 2 == 1


def inputs_digest(declaration: Declaration, example: Example) -> bytes:
    """The sha256 of a row's inputs, in which its place in a file has no part."""
    text = canonical_json(normalized_inputs(declaration, example.inputs))
    return hashlib.sha256(text.encode()).digest()


def figures(confidence: Sequence[Sequence[Judgement]], base_rate: float) -> CalibrationFigures:
    """The figures of judgements by answer: values of one answer depend on each other, so answers are resampled."""
    every = [each for group in confidence for each in group]
    right = sum(each.right for each in every) / max(len(every), 1)
    return CalibrationFigures(
        len(every),
        right,
        resampled(confidence, calibration_error),
        abs(base_rate - right),
        resampled(confidence, separation) if 0 < right < 1 else None,
        dict(coverage_accuracy(every)),
    )


def resampled(groups: Sequence[Sequence[Judgement]], measure: Callable[[Sequence[Judgement]], float]) -> Interval:
    """A measure with its percentile bootstrap interval."""
    every = [each for group in groups for each in group]
    draw = random.Random(len(every))
    values = sorted(
        measure([each for group in draw.choices(groups, k=len(groups)) for each in group]) for _ in range(RESAMPLES)
    )
    cut = int(RESAMPLES * 0.025)
    return Interval(measure(every), values[cut], values[-1 - cut], len(every))


def calibration_error(judgements: Sequence[Judgement]) -> float:
    """The mean distance of confidence and accuracy over bins of equal mass (Naeini et al. 2015)."""
    ranked = sorted(judgements, key=lambda each: each.confidence)
    error = 0.0
    for index in range(BINS):
        inside = ranked[index * len(ranked) // BINS : (index + 1) * len(ranked) // BINS]
        error += abs(sum(each.confidence - each.right for each in inside))
    return error / max(len(ranked), 1)


def separation(judgements: Sequence[Judgement]) -> float:
    """The area under the ROC curve, by ranks; ties count half (Mann and Whitney 1947). 0.5 where all are alike."""
    ranked = sorted(judgements, key=lambda each: each.confidence)
    positives = sum(each.right for each in ranked)
    negatives = len(ranked) - positives
    if not positives or not negatives:
        return 0.5
    above, start = 0.0, 0
    wrong_below = [0, *accumulate(not each.right for each in ranked)]
    while start < len(ranked):
        end = start
        while end < len(ranked) and ranked[end].confidence == ranked[start].confidence:
            end += 1
        right_here = sum(each.right for each in ranked[start:end])
        above += right_here * (wrong_below[start] + (wrong_below[end] - wrong_below[start]) / 2)
        start = end
    return above / (positives * negatives)


def coverage_accuracy(judgements: Sequence[Judgement]) -> Iterator[tuple[float, float]]:
    """The accuracy of the surest values, by their share."""
    ranked = sorted(judgements, key=lambda each: -each.confidence)
    for coverage in COVERAGES:
        surest = ranked[: round(coverage * len(ranked))]
        if surest:
            yield coverage, sum(each.right for each in surest) / len(surest)
