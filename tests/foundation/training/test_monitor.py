"""Warnings are said when something goes wrong, once, and not when all is well."""

import math
from collections.abc import Iterable
from pathlib import Path

import pytest

from plait.core.errors import TrainingError, error_text
from plait.foundation.training.monitor import Monitor
from plait.foundation.training.step_metrics import StepMetrics
from plait.foundation.unified.objectives.alarms import alarm_rules
from tests.support.step_metrics import probes, step_metrics


def warnings_of(readings: Iterable[StepMetrics]) -> list[str]:
    watch = Monitor(alarm_rules())
    return [str(alarm) for each in readings for alarm in watch.check(each)]


def healthy_metrics(step: int) -> StepMetrics:
    """Metrics of a healthy run: a noisy, falling loss, and binding after a thousand steps."""
    noise = 0.1 * math.sin(step * 12.9898)
    bound = 1 / (1 + math.exp(-(step - 700) / 100)) / 2
    return step_metrics(
        step,
        loss=1 + 4 * math.exp(-step / 500) + noise,
        seconds=0.5 + noise,
        probes=probes(noun_spread=0.01 + step / 500, rank=0.5 + bound, matches_auc=0.5 + bound, exists_auc=0.5 + bound),
    )


def test_a_run_that_learns_gives_no_warning() -> None:
    assert warnings_of(healthy_metrics(step) for step in range(1, 3_000)) == []


@pytest.mark.parametrize("changed", [{"loss": math.nan}, {"losses": {"boxes": math.inf}}, {"gradient_norm": math.nan}])
def test_a_loss_or_gradient_that_is_not_finite_stops_the_run(changed: dict[str, object]) -> None:
    with pytest.raises(TrainingError) as raised:
        list(Monitor(alarm_rules()).check(step_metrics(7, **changed), Path("runs/nano/step-000005")))
    assert "step 7 gave values that are not finite numbers" in error_text(raised.value)
    assert "the last good checkpoint is runs/nano/step-000005" in error_text(raised.value)


def test_constant_noun_logits_are_reported_once_with_a_hint() -> None:
    (warning,) = warnings_of(step_metrics(step, probes=probes(noun_spread=0.03)) for step in range(1, 1_000))
    assert "noun logits do not vary between pictures: their spread is 0.03, since step 1" in warning
    assert "losses.tags" in warning


def test_a_spread_that_appears_in_time_gives_no_warning() -> None:
    assert not warnings_of(
        step_metrics(step, probes=probes(noun_spread=0.03 if step < 250 else 0.6)) for step in range(1, 1_000)
    )


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("rank", "chosen no oftener than by chance"),
        ("matches_auc", "matches cannot tell"),
        ("exists_auc", "is there a"),
    ],
)
def test_binding_at_chance_level_is_reported(name: str, words: str) -> None:
    at_chance = (step_metrics(step, probes=probes(**{name: 0.5 + 0.04 * math.sin(step)})) for step in range(1, 2_000))
    (warning,) = warnings_of(at_chance)
    assert words in warning and "pointer" in warning


def test_an_expert_that_is_never_selected_is_reported_and_a_rare_one_is_not() -> None:
    def warnings(idlest: float) -> list[str]:
        return warnings_of(step_metrics(step, experts={"busiest": 2.0, "idlest": idlest}) for step in range(1, 1_000))

    (alarm,) = warnings(0.01)
    assert "an expert has next to nothing to do: 0.01 of an even share" in alarm and "losses.balance" in alarm
    assert warnings(0.3) == []


def test_a_problem_that_returns_is_reported_again() -> None:
    broken = [
        step_metrics(step, probes=probes(noun_spread=0.0 if step % 1_000 > 200 else 2.0)) for step in range(1, 2_000)
    ]
    assert len(warnings_of(broken)) == 2


def test_a_jump_of_the_loss_is_reported_and_usual_noise_is_not() -> None:
    def losses(jump: float) -> list[str]:
        return warnings_of(
            step_metrics(step, loss=2 + 0.2 * math.sin(step * 1.7) + (jump if step == 150 else 0))
            for step in range(1, 300)
        )

    (warning,) = losses(6.0)
    assert "the loss jumped to" in warning and "since step 150" in warning
    assert losses(0.5) == []


def test_a_new_phase_may_have_another_loss_and_speed() -> None:
    assert not warnings_of(
        step_metrics(
            step, phase="stem" if step < 200 else "joint", loss=1 if step < 200 else 9, seconds=step // 200 + 0.1
        )
        for step in range(1, 400)
    )


def test_a_lasting_collapse_of_speed_is_reported() -> None:
    def speeds(slow: range) -> list[str]:
        return warnings_of(step_metrics(step, seconds=2.0 if step in slow else 0.5) for step in range(1, 300))

    (warning,) = speeds(range(100, 200))
    assert "40 samples/s, usual is 160, since step 100" in warning
    assert speeds(range(100, 105)) == []
