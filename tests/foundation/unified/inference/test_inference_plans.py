"""The search for the fastest inference plan with equal answers, with a real model on this machine."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.errors import InputError
from plait.core.values.json_value import Json
from plait.foundation.cards.inference_plan import DEFAULT_PLAN, InferencePlan, neighbouring_plans
from plait.foundation.cards.shipped import shipped_weights_files
from plait.foundation.unified.inference import optimize as optimize_module
from plait.foundation.unified.inference.compiled import can_compile
from plait.foundation.unified.inference.optimize import MIN_GAIN, fastest_trial, optimize
from plait.foundation.unified.inference.parity import BIN_TOLERANCE, is_same_value
from plait.foundation.unified.inference.trial import OptimizationResult, Parity, PlanTrial, ScoredTrial
from tests.support.tiny_weights import save_tiny_weights

CORNERS = st.lists(st.integers(0, 999), min_size=4, max_size=4)
SAID = st.recursive(
    st.none() | st.booleans() | st.text() | CORNERS,
    lambda each: st.lists(each) | st.dictionaries(st.text(), each),
    max_leaves=8,
)


def scored_trial(
    gain: float, same_answers: int = 100, code_variation: float = 0.0, plan: InferencePlan = DEFAULT_PLAN
) -> ScoredTrial:
    return ScoredTrial(PlanTrial(plan, {"ask": 1.0}, Parity(same_answers, 100, code_variation)), gain)


@given(SAID)
def test_an_answer_is_the_same_as_itself(value: Json) -> None:
    assert is_same_value(value, value)


@given(CORNERS, st.integers(0, 3), st.integers(-2 * BIN_TOLERANCE, 2 * BIN_TOLERANCE))
def test_a_box_is_the_same_within_the_bin_tolerance(box: list[int], corner: int, by: int) -> None:
    other = [at + by * (place == corner) for place, at in enumerate(box)]
    assert is_same_value(box, other) == (abs(by) <= BIN_TOLERANCE)


@pytest.mark.parametrize(
    ("one", "other"),
    [("a cat", "a dog"), (True, False), ([1, 2], [1, 2, 3]), ({"what": "cat"}, {"where": "cat"}), ("1", 1), (None, "")],
)
def test_other_values_are_another_answer(one: Json, other: Json) -> None:
    assert not is_same_value(one, other) and not is_same_value([one], [other])


def test_the_fastest_plan_is_selected_only_if_clearly_faster_with_equal_answers() -> None:
    now = scored_trial(1.0)
    assert fastest_trial([now, scored_trial(MIN_GAIN - 0.01)], now, 0.99) is now
    assert fastest_trial([now, scored_trial(3.0, same_answers=98)], now, 0.99) is now
    assert fastest_trial([now, scored_trial(3.0, code_variation=0.06)], now, 0.99) is now
    quick = scored_trial(2.0, same_answers=99, code_variation=0.01)
    assert fastest_trial([now, scored_trial(3.0, same_answers=98), quick, scored_trial(1.5)], now, 0.99) is quick


def test_a_gain_is_the_geometric_mean_over_tasks() -> None:
    slow = PlanTrial(DEFAULT_PLAN, {"ask": 10.0, "draw": 1_000.0}, Parity(1, 1, 0))
    quick = PlanTrial(DEFAULT_PLAN, {"ask": 5.0, "draw": 250.0}, Parity(1, 1, 0))
    assert quick.gain(slow) == pytest.approx(8**0.5) and slow.gain(slow) == 1


@given(st.integers(1, 64))
def test_neighbouring_plans_differ_in_one_setting_and_use_at_most_all_cores(cores: int) -> None:
    plan = InferencePlan(1, "int8")
    threads = [each.threads for each in neighbouring_plans(plan, cores)["threads"]]
    assert max([1, *threads]) == cores and len(set(threads)) == len(threads)
    for dial, plans in neighbouring_plans(plan, cores).items():
        assert all({name for name in vars(plan) if vars(each)[name] != vars(plan)[name]} == {dial} for each in plans)


@dataclass(frozen=True)
class Weights:
    file: Path
    plan: InferencePlan = DEFAULT_PLAN


def optimized_nano() -> OptimizationResult:
    [file] = [each for each in shipped_weights_files() if each.stem == "plait-nano"]
    return optimize(Weights(file), 0.9, questions=2, rounds=1)


@pytest.mark.slow
def test_each_plan_is_compared_with_the_current_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(optimize_module, "can_compile", lambda: False)  # which takes a minute: below
    result = optimized_nano()
    assert result.model == "plait-nano" and result.trials[0].trial.plan == DEFAULT_PLAN and result.trials[0].gain == 1
    plans = {each.trial.plan.arithmetic: each.trial for each in result.trials}
    assert plans.keys() == {"fp32", "bf16", "int8"}
    assert (
        plans["fp32"].parity.same_answers == plans["fp32"].parity.questions > 0
        and plans["int8"].parity.same_answers > 0
    )
    assert all(milliseconds > 0 for each in result.trials for milliseconds in each.trial.milliseconds.values())
    assert result.best in result.trials


@pytest.mark.slow
@pytest.mark.timeout(600)
# Warnings that torch itself raises while it compiles; the second where it traces an autograd function (OneDnnLinear).
@pytest.mark.filterwarnings("ignore:.*script_method.* is deprecated:DeprecationWarning")
@pytest.mark.filterwarnings("ignore:.*autograd.* should not be instantiated:DeprecationWarning")
@pytest.mark.skipif(not can_compile(), reason="no g++ here")
def test_compiled_layers_paint_the_same_image() -> None:
    [compiled] = [each for each in optimized_nano().trials if each.trial.plan.compiled]
    assert compiled.trial.parity.is_within(0.9)


def test_a_model_of_other_tasks_cannot_be_measured(tmp_path: Path) -> None:
    tasks: Mapping[str, str] = {"weigh": "0" * 16}
    save_tiny_weights(tmp_path / "other.safetensors", tasks)
    with pytest.raises(InputError, match="other was trained on no task of the worlds"):
        optimize(Weights(tmp_path / "other.safetensors"), 0.99)
