"""Overlap, grounding and F1 of boxes say what Box says, and what one can count by hand."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.foundation.unified.metrics.bootstrap import Statistic, bootstrap_interval
from plait.foundation.unified.metrics.boxes import (
    MatchCounts,
    f1_statistic,
    grounding_scores,
    iou_matrix,
    match_counts,
    match_pairs,
)
from plait.types.box import Box

starts, sides = st.integers(0, 60), st.integers(1, 36)
boxes = st.builds(lambda x, y, w, h: (x, y, x + w, y + h), starts, starts, sides, sides)
named = st.lists(st.tuples(boxes, st.sampled_from(["cat", "dog"])), max_size=4)


def score_of(measure: Statistic, pictures: int = 1) -> float | None:
    """Its value when every picture counts once."""
    interval = bootstrap_interval(measure, pictures)
    return interval.mean if interval.count else None


@given(st.lists(boxes, max_size=4), st.lists(boxes, max_size=4))
def test_iou_agrees_with_the_box_type(ours: list[tuple[int, ...]], theirs: list[tuple[int, ...]]) -> None:
    overlaps = [[Box(*one).iou(Box(*other)) for other in theirs] for one in ours]
    assert iou_matrix(ours, theirs).shape == (len(ours), len(theirs))
    assert np.allclose(iou_matrix(ours, theirs), np.reshape(overlaps, (len(ours), len(theirs))))


def test_a_box_without_area_overlaps_with_nothing() -> None:
    assert iou_matrix([(5, 5, 5, 9), (9, 9, 5, 5)], [(0, 0, 10, 10), (5, 5, 5, 9)]).tolist() == [[0, 0], [0, 0]]


def test_grounding_thresholds_are_0_5_and_0_75() -> None:
    score_of = (0, 0, 10, 10)
    assert grounding_scores(score_of, score_of) == {"Acc@0.5": 1, "Acc@0.75": 1, "IoU": 1}
    assert grounding_scores((0, 0, 10, 5), score_of) == {"Acc@0.5": 1, "Acc@0.75": 0, "IoU": 0.5}
    assert grounding_scores((0, 0, 10, 4), score_of) == {"Acc@0.5": 0, "Acc@0.75": 0, "IoU": pytest.approx(0.4)}
    assert grounding_scores(None, score_of) == {"Acc@0.5": 0, "Acc@0.75": 0, "IoU": 0}


@given(st.lists(st.lists(st.floats(0, 1), min_size=3, max_size=3), max_size=4))
def test_each_box_is_matched_once_best_overlap_first(rows: list[list[float]]) -> None:
    overlap = np.reshape(rows, (-1, 3)).astype(float)
    together = match_pairs(overlap, 0.5)
    assert len({row for row, _ in together}) == len({column for _, column in together}) == len(together)
    selected = [overlap[pair] for pair in together]
    assert selected == sorted(selected, reverse=True) and all(one >= 0.5 for one in selected)
    alone = [(row, column) for row in range(len(overlap)) for column in range(3) if overlap[row, column] >= 0.5]
    rows_taken, columns_taken = {row for row, _ in together}, {column for _, column in together}
    assert all(row in rows_taken or column in columns_taken for row, column in alone), "no pair was left over"


@given(named)
def test_correct_detections_score_1_in_any_order(things: list[tuple[tuple[int, ...], str]]) -> None:
    apart = [((x0 + 100 * at, y0, x1 + 100 * at, y1), name) for at, ((x0, y0, x1, y1), name) in enumerate(things)]
    for names in (False, True):
        assert score_of(f1_statistic([match_counts(apart[::-1], apart, match_names=names)])) == (1 if things else None)


def test_a_wrong_name_costs_only_if_names_count() -> None:
    references = [((0, 0, 10, 10), "cat"), ((20, 0, 30, 10), "dog")]
    predictions = [((0, 0, 10, 10), "dog"), ((20, 0, 30, 10), "dog"), ((50, 50, 60, 60), "cat")]
    assert match_counts(predictions, references) == MatchCounts(2, 3, 2)
    assert match_counts(predictions, references, match_names=True) == MatchCounts(1, 3, 2)
    assert score_of(f1_statistic([match_counts(predictions, references)])) == pytest.approx(4 / 5)


def test_pictures_are_weighted_by_their_boxes() -> None:
    assert score_of(f1_statistic([MatchCounts(1, 1, 1), MatchCounts(0, 3, 0)]), 2) == pytest.approx(2 / 5)
    assert score_of(f1_statistic([MatchCounts(0, 0, 2)])) == 0
    assert score_of(f1_statistic([MatchCounts(0, 0, 0)])) is None, "nothing there, nothing said: nothing to measure"
