"""Readings as a loop would hand them over."""

from dataclasses import replace

from plait.foundation.training.step_metrics import StepMetrics

ONE = StepMetrics(
    step=1,
    phase="joint",
    loss=2.0,
    losses={"boxes": 1.5, "tags": 0.5},
    tasks={"locate": 1.5},
    gradient_norm=0.9,
    lr=0.02,
    samples=80,
    seconds=0.5,
)


def step_metrics(step: int, **changed: object) -> StepMetrics:
    return replace(ONE, step=step, **changed)  # type: ignore[arg-type]


def probes(**measured: float) -> dict[str, float]:
    return measured
