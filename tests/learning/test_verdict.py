"""A verdict has every figure, says why, and survives JSON."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import InputError
from plait.core.evaluation.interval import tally
from plait.core.evaluation.result import Comparison
from plait.learning.gate import GateRow, GateRule, score_difference
from plait.learning.parity import HALF_PRECISION, ServingParity
from plait.learning.verdict import GateVerdict, HeldOutFacts, JudgedCandidate, WorseRow, judge

SOUND = ServingParity(40, 500, 0.001, 0.01, 0.1, 0, HALF_PRECISION)
WORSE = WorseRow("held_out/colour.jsonl:3", 1.0, 0.0, {"thing": "the sea"}, "blue", "red", "blue")
scores = st.floats(0, 1, allow_nan=False)


def verdict_of(
    rows: Sequence[GateRow], parity: ServingParity | None = SOUND, missing: tuple[str, ...] = ()
) -> GateVerdict:
    held_out = HeldOutFacts("held_out/colour.jsonl", 1_200, len(rows), "ab" * 32, 3, 2)
    constant = [row.champion for row in rows]
    gain = score_difference(rows)
    baseline = Comparison(
        "always the same answer", tally(constant).score_interval, tally(constant).score_interval, gain, gain
    )
    judged = JudgedCandidate(
        "colour",
        "f1",
        "smollm2/colour@3",
        "smollm2",
        held_out,
        parity,
        "not calibrated: 30 rows",
        (WORSE,),
        (baseline,),
        missing,
        ("plait correct colour --rows FILE",),
    )
    return judge(GateRule(), rows, judged)


def gaining_rows(count: int) -> list[GateRow]:
    return [GateRow(f"row {n}", 0.25, 1.0, False, True, {"language": "en" if n % 2 else "zh"}) for n in range(count)]


@given(
    st.lists(st.tuples(scores, scores, st.booleans(), st.booleans(), st.sampled_from("abc")), min_size=1, max_size=60)
)
def test_a_verdict_survives_json(rows: list[tuple[float, float, bool, bool, str]]) -> None:
    verdict = verdict_of([GateRow("row", *row[:4], {"kind": row[4]}) for row in rows])
    assert GateVerdict.from_json(verdict.to_json()) == verdict
    assert json.loads(verdict.to_json())["rule"]["min_rows"] == 20 and str(verdict)


def test_a_candidate_that_passes_may_replace_the_champion() -> None:
    verdict = verdict_of(gaining_rows(120))
    assert verdict.holds and verdict.score.mean == 1.0 and verdict.champion.ahead.gain.mean == 0.75
    text = str(verdict)
    assert text.startswith("smollm2/colour@3 may replace smollm2\nrule: promoted if, on at least 20 held-out rows")
    for line in (
        "  the candidate is      +0.750 [+0.750, +0.750] (better on 120, worse on 0 of 120 rows)",
        "  language=en  0.250 → 1.000  loss -0.750 [-0.750, -0.750]  n=60",
        "held out: 120 rows of held_out/colour.jsonl, a sample of 1,200 (more: --gate-rows N); 3 examples like them",
        "like them were not learned; 2 versions before were judged on the same rows",
        "99th percentile 0.0100 (limit 0.02) at 500 positions of 40 rows, token ids equal",
        "confidence: not calibrated: 30 rows",
        "  held_out/colour.jsonl:3  1.00 → 0.00",
        '    input {"thing":"the sea"}',
        '    is    "red"',
    ):
        assert line in text
    assert "why it stays a candidate" not in text


def test_a_candidate_that_fails_has_reasons_and_commands() -> None:
    verdict = verdict_of(gaining_rows(8), None, ("no answer is marked right",))
    assert not verdict.holds
    assert str(verdict).endswith(
        "why it stays a candidate\n"
        "  no answer is marked right\n"
        "  there are 8 held-out rows, and 20 are the least\n"
        "  server and trainer were not compared\n"
        "  → plait correct colour --rows FILE"
    )


def test_a_text_that_is_no_verdict_is_refused() -> None:
    with pytest.raises(InputError, match="this is not a verdict of plait adapt"):
        GateVerdict.from_json('{"task": "colour"}')
