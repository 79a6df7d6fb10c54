"""Calibrations: thresholds that keep a risk, and confidence for what was calibrated alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.calibration import NO_ANSWER, WHOLE, Calibration, Judgement, LogisticModel
from plait.core.engine.signals import ValueSignals
from plait.core.engine.token_probs import LeafProbs

VALUES = LogisticModel(0.0, (1.0, 0.0, 0.0, 0.0, 0.0), {"label": 0.5, 'label="spam"': -1.5, "lines.[].price": -0.5})
judgements = st.lists(
    st.builds(Judgement, st.sampled_from([0.1, 0.3, 0.5, 0.7, 0.9]) | st.floats(0.001, 0.999), st.booleans()),
    max_size=60,
)


def calibration(known: list[Judgement]) -> Calibration:
    return Calibration("t", "f", "m@1", 4, "", 0.5, 0.5, VALUES, LogisticModel(0.0, (1.0, 0.0)), tuple(known))


def signals(total: float, text: str = '"rare"') -> ValueSignals:
    return ValueSignals(LeafProbs(total, total, 2), text)


@given(judgements, st.floats(0.001, 0.5))
def test_at_the_threshold_the_share_of_wrong_answers_keeps_the_risk_with_one_more_wrong(
    known: list[Judgement], risk: float
) -> None:
    threshold = calibration(known).threshold(risk)
    wrong = sum(not each.right and each.confidence >= (threshold or 0) for each in known)
    if threshold is None:
        assert 1 / (len(known) + 1) > risk
    else:
        assert (wrong + 1) / (len(known) + 1) <= risk + 1e-9


@given(judgements, st.floats(0.001, 0.5))
def test_no_lower_threshold_keeps_the_risk(known: list[Judgement], risk: float) -> None:
    threshold = calibration(known).threshold(risk)
    below = [each.confidence for each in known if threshold is not None and each.confidence < threshold]
    if below:
        wrong = sum(not each.right and each.confidence >= max(below) for each in known)
        assert (wrong + 1) / (len(known) + 1) > risk - 1e-9


def test_the_coverage_is_the_share_of_answers_at_or_above_the_threshold() -> None:
    known = [Judgement(0.9, True)] * 30 + [Judgement(0.4, False)] * 10
    here = calibration(known)
    threshold = here.threshold(0.05)
    assert threshold == 0.9 and here.coverage(threshold) == 0.75
    assert here.threshold(0.01) is None
    hopeless = calibration([Judgement(0.5, False)] * 100)
    assert hopeless.threshold(0.05) == NO_ANSWER and hopeless.coverage(NO_ANSWER) == 0


def test_only_the_fields_that_were_calibrated_have_a_confidence() -> None:
    sure, unsure = signals(-0.01), signals(-3.0)
    found = calibration([]).confidence({WHOLE: unsure, "label": sure, "summary": unsure, "lines.7.price": unsure})
    assert [*found] == ["label", "lines.7.price", WHOLE]
    assert found["label"] > 0.9 > 0.1 > found["lines.7.price"]
    assert calibration([]).confidence({}) == {}


def test_a_frequent_value_has_a_bias_of_its_own() -> None:
    found = calibration([]).confidence({WHOLE: signals(-1.0), "label": signals(-1.0, '"spam"')})
    assert found["label"] < calibration([]).confidence({WHOLE: signals(-1.0), "label": signals(-1.0)})["label"]


@pytest.mark.parametrize("total", [0.0, -1e-9, -50.0, -1e6])
def test_a_confidence_is_never_0_or_1(total: float) -> None:
    found = calibration([]).confidence({WHOLE: signals(total), "label": signals(total)})
    assert all(0 < each < 1 for each in found.values())
