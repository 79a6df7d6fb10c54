"""Checks whether another training by the same recipe reaches the scores of the model card.

    plait train recipes/nano.toml --out RUN && python -m benchmarks.reproduction RUN [MODEL]

The run's fp32 weights answer the same questions of the suite. The report lists scores outside the card's interval, with
their distance. The intervals cover only the choice of questions, not the variation between trainings, so some scores
lie outside; if the intervals of both trainings do not overlap, the difference is more than chance.
"""

import sys

import torch

from benchmarks.measure import report
from plait.core.evaluation.interval import Interval
from plait.foundation.cards.card import ScoreCard, card_path, parse_card
from plait.foundation.cards.shipped import shipped_weights_files
from plait.foundation.unified.suite.report import SuiteReport
from plait.foundation.unified.suite.suite import SuitePlan
from plait.foundation.unified.suite.suite import run_suite as suite
from plait.foundation.unified.suite.trained_solver import trained_solver


def main() -> None:
    torch.set_num_threads(1)
    run, name = (*sys.argv[1:], "plait-nano")[:2]
    file = next(each for each in shipped_weights_files() if each.stem == name)
    card = parse_card(card_path(file).read_bytes(), file)
    scores = intervals(suite(trained_solver(run), SuitePlan(), baselines=False))
    pairs = [(score, scores[score.task, score.split, score.measure]) for score in card.scores]
    outside = {
        score_name(score): score_figures(score, new_interval)
        for score, new_interval in pairs
        if not is_within(score.interval, new_interval)
    }
    report(
        "reproduction",
        {
            "scores": len(pairs),
            "within the card's interval": len(pairs) - len(outside),
            "intervals that do not meet": [
                score_name(score) for score, new_interval in pairs if are_disjoint(score.interval, new_interval)
            ],
            "largest difference": max(
                difference(score, new_interval) for score, new_interval in pairs if score.measure != "CIDEr-D"
            ),
            "outside": outside,
        },
    )


def intervals(report: SuiteReport) -> dict[tuple[str, str, str], Interval]:
    return {
        (each.task, each.split, measure): interval
        for each in report.results
        for measure, interval in each.measures.items()
    }


def is_within(interval: Interval, new_interval: Interval) -> bool:
    return interval.low <= new_interval.mean <= interval.high


def are_disjoint(interval: Interval, new_interval: Interval) -> bool:
    return interval.high < new_interval.low or new_interval.high < interval.low


def difference(score: ScoreCard, new_interval: Interval) -> float:
    return round(abs(new_interval.mean - score.interval.mean), 3)


def score_name(score: ScoreCard) -> str:
    return f"{score.task} {score.split} {score.measure}"


def score_figures(score: ScoreCard, new_interval: Interval) -> dict[str, float]:
    interval = score.interval
    numbers = {"card": interval.mean, "low": interval.low, "high": interval.high, "again": new_interval.mean}
    return {name: round(number, 3) for name, number in numbers.items()}


if __name__ == "__main__":
    main()
