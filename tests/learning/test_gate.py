"""The gate: a gain passes, a loss on a part of the rows fails, and too few rows decide nothing."""

from dataclasses import replace
from random import Random

import pytest

from plait.core.evaluation.interval import Interval
from plait.learning.gate import OTHERS, GateRow, GateRule, objections, score_difference, slice_losses
from plait.learning.parity import HALF_PRECISION, ServingParity

RULE = GateRule()
SOUND = ServingParity(40, 500, 0.001, 0.01, 0.1, 0, HALF_PRECISION)


def made_rows(count: int, champion: float, candidate: float, seed: int = 0, **slices: str) -> list[GateRow]:
    """Rows that each system answers right with these probabilities."""
    draw = Random(f"{seed} {slices}")
    rights = [(float(draw.random() < champion), float(draw.random() < candidate)) for _ in range(count)]
    return [GateRow(f"row {n}", old, new, bool(old), bool(new), slices) for n, (old, new) in enumerate(rights)]


def reasons(rows: list[GateRow], parity: ServingParity | None = SOUND) -> list[str]:
    return list(objections(RULE, score_difference(rows), slice_losses(rows, RULE), parity))


def test_a_planted_gain_passes() -> None:
    rows = made_rows(70, 0.4, 0.85, language="en") + made_rows(50, 0.35, 0.8, language="zh")
    assert reasons(rows) == []


def test_a_planted_loss_fails() -> None:
    (gain, *_) = reasons(made_rows(120, 0.6, 0.4))
    assert gain.startswith("the gain is -0.") and "its lower bound is not above 0" in gain


def test_a_gain_in_english_does_not_hide_a_loss_in_chinese() -> None:
    """Over both languages the candidate gains significantly."""
    rows = made_rows(80, 0.3, 0.95, language="en") + made_rows(40, 0.7, 0.5, language="zh")
    assert score_difference(rows).gain.low > 0
    (loss,) = reasons(rows)
    assert loss.startswith("language=zh loses 0.150 [") and "more than 0.02 at the bound" in loss


def test_a_loss_that_cannot_be_ruled_out_is_said_to_be_possible() -> None:
    rows = made_rows(80, 0.3, 0.95, language="en") + made_rows(40, 0.5, 0.5, language="zh")
    assert any(reason.startswith("language=zh may lose") for reason in reasons(rows))


def test_equal_answers_are_no_loss_and_no_gain() -> None:
    rows = [replace(row, candidate=row.champion) for row in made_rows(60, 0.5, 0.5, language="en")]
    (reason,) = reasons(rows)
    assert reason.startswith("the gain is +0.000 [+0.000, +0.000] (better on 0, worse on 0 of 60 rows")


def test_too_few_rows_decide_nothing() -> None:
    assert reasons(made_rows(19, 0.0, 1.0)) == ["there are 19 held-out rows, and 20 are the least"]
    assert reasons(made_rows(20, 0.0, 1.0)) == []


@pytest.mark.parametrize(
    ("parity", "reason"),
    [
        (None, "server and trainer were not compared"),
        (replace(SOUND, median=0.2), "server and trainer differ: median |Δ log p| 0.2000 nat, and 0.005 is the limit"),
    ],
)
def test_a_model_that_is_served_differently_is_not_promoted(parity: ServingParity | None, reason: str) -> None:
    assert reasons(made_rows(100, 0.2, 0.9), parity) == [reason]


def test_small_parts_of_a_column_are_judged_together_and_columns_of_many_values_not_at_all() -> None:
    rows = [
        GateRow(f"row {n}", 0.0, 1.0, slices={"kind": "abcdefgh"[n % 8] if n < 40 else "z", "template": str(n)})
        for n in range(100)
    ]
    losses = slice_losses(rows, RULE)
    assert [(each.name, each.loss.count) for each in losses] == [("kind=z", 60), (f"kind={OTHERS}", 40)]
    assert losses[0].loss == Interval(-1.0, -1.0, -1.0, 60) and (losses[0].champion, losses[0].candidate) == (0.0, 1.0)


def test_rows_without_a_column_are_in_no_part_of_it() -> None:
    rows = made_rows(30, 0.2, 0.9, language="en") + made_rows(30, 0.2, 0.9, language="zh") + made_rows(30, 0.2, 0.9)
    assert [each.loss.count for each in slice_losses(rows, RULE)] == [30, 30]


@pytest.mark.parametrize(("count", "seeds"), [(20, 200), (120, 80)])
def test_a_candidate_that_is_only_lucky_is_rarely_promoted(count: int, seeds: int) -> None:
    """Both are right in half of the rows, independently: the bound of 2.5 % holds roughly, also for few rows."""
    promoted = sum(not reasons(made_rows(count, 0.5, 0.5, seed)) for seed in range(seeds))
    assert promoted <= 0.06 * seeds


def test_the_rule_is_one_sentence_with_its_numbers() -> None:
    assert "at least 20 held-out rows" in str(RULE) and "at most 0.02" in str(RULE) and "\n" not in str(RULE)
