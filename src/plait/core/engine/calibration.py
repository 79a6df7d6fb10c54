"""Confidence: the calibrated probability that a value of an answer is right, and that all of them are.

A calibration is fitted on answers whose right values are known (`plait evaluate TASK --calibrate`). It belongs to one
form of a task and one version of a model: any other combination has no confidence, and no number is made up for it.
"""

import hashlib
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from itertools import groupby
from math import exp, log

from plait.core.engine.signals import AnswerSignals
from plait.core.values.span import column_path

LEAST_PROBABILITY = 1e-4  # no confidence is closer to 0 or 1: a few hundred answers show no more
WHOLE = ""  # path of the whole answer
NO_ANSWER = 2.0  # a threshold that no confidence reaches


@dataclass(frozen=True)
class LogisticModel:
    """Logistic regression: a bias, weights of features, and an additional bias by group."""

    bias: float
    weights: tuple[float, ...]
    groups: Mapping[str, float] = field(default_factory=dict[str, float])

    def probability(self, features: tuple[float, ...], group: str = "") -> float:
        score = self.bias + self.groups.get(group, 0.0)
        return sigmoid(score + sum(weight * value for weight, value in zip(self.weights, features, strict=True)))


@dataclass(frozen=True)
class Judgement:
    """An answer with known right values: its confidence, and whether all of its values were right."""

    confidence: float
    right: bool


@dataclass(frozen=True)
class Calibration:
    """`values` gives the probability of each value, by column; `answers` that of the whole answer.

    `judgements` are those of answers that the two were not fitted on: a threshold is chosen by them. `shots` and
    `wording` are those of the prompts; `value_rate` and `answer_rate` the shares that were right where it was fitted.
    """

    task: str
    fingerprint: str
    model: str
    shots: int
    wording: str
    value_rate: float
    answer_rate: float
    values: LogisticModel
    answers: LogisticModel
    judgements: tuple[Judgement, ...]

    def confidence(self, signals: AnswerSignals) -> dict[str, float]:
        """The confidence of each value by its path, and that of the whole answer, at ""; {} without signals.

        A text in free words, and a field that no calibrated answer had, have none.
        """
        if not signals:
            return {}
        confidence = value_confidence(self.values, signals)
        return {**confidence, WHOLE: self.answers.probability(answer_features(signals, confidence))}

    @cached_property
    def digest(self) -> str:
        """Changes with whatever a confidence is computed from."""
        return hashlib.sha256(
            repr((self.model, self.shots, self.wording, self.values, self.answers)).encode()
        ).hexdigest()

    @cached_property
    def by_confidence(self) -> list[Judgement]:
        """The judgements, the surest first."""
        return sorted(self.judgements, key=lambda each: -each.confidence)

    def threshold(self, risk: float) -> float | None:
        """The least confidence at which the share of wrong answers, of all rows, stays within `risk`; None if there is
        none.

        Conformal risk control (Angelopoulos et al. 2022, theorem 1): with n rows, (wrong + 1) / (n + 1) <= risk. An
        answer below the threshold is withheld and not wrong. NO_ANSWER, above every confidence, withholds them all.
        """
        allowed = risk * (len(self.judgements) + 1) - 1
        if allowed < 0:
            return None
        wrong, threshold = 0, NO_ANSWER
        for confidence, alike in groupby(self.by_confidence, key=lambda each: each.confidence):
            wrong += sum(not each.right for each in alike)
            if wrong > allowed:
                break
            threshold = confidence
        return threshold

    def coverage(self, threshold: float) -> float:
        """The share of the rows that are answered with at least this confidence."""
        return sum(each.confidence >= threshold for each in self.judgements) / max(len(self.judgements), 1)


def value_confidence(model: LogisticModel, signals: AnswerSignals) -> dict[str, float]:
    """The confidence of the values whose fields the model was fitted on."""
    return {
        path: model.probability(value_features(signals, path), value_group(signals, path, model.groups))
        for path in signals
        if column_path(path) in model.groups
    }


def value_group(signals: AnswerSignals, path: str, groups: Container[str]) -> str:
    """The group of a value: its field with this very value if such a group is known, otherwise its field."""
    name = f"{column_path(path)}={signals[path].text}"
    return name if name in groups else column_path(path)


def value_features(signals: AnswerSignals, path: str) -> tuple[float, ...]:
    """The log-odds of the value's share, the least share of its tokens and of those of the whole answer, and whether
    the nearest examples have the same value.
    """
    own, whole = signals[path], signals[WHOLE]
    return (log_odds(own.probs.share), own.probs.least, whole.probs.least, own.agreement, own.nearest)


def answer_features(signals: AnswerSignals, confidence: Mapping[str, float]) -> tuple[float, ...]:
    """The logarithm of the probability that all values are right, were they independent, and the tokens' own."""
    return (
        sum(map(log, confidence.values())),
        log_odds(signals[WHOLE].probs.share),
    )


def log_odds(share: float) -> float:
    bounded = min(max(share, LEAST_PROBABILITY), 1 - LEAST_PROBABILITY)
    return log(bounded / (1 - bounded))


def sigmoid(score: float) -> float:
    return min(max(logistic(score), LEAST_PROBABILITY), 1 - LEAST_PROBABILITY)


def logistic(score: float) -> float:
    return 1 / (1 + exp(-max(min(score, 30.0), -30.0)))
