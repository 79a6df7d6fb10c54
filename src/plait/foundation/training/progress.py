"""Progress line of a training run: step, speed, losses, time left, energy."""

import time
from collections import deque
from collections.abc import Mapping
from typing import TextIO

from plait.core.progress import ProgressDisplay, duration
from plait.foundation.training.step_metrics import StepMetrics

SMOOTHING_STEPS = 20  # steps


class TrainingProgress(ProgressDisplay):
    """Progress line.

    Speed is the mean over recent steps, in pairs of image and question per second; losses are smoothed.

    `samples_left` is the number of pairs in the remaining `steps` steps.
    """

    def __init__(
        self, name: str, steps: int, samples_left: int, stream: TextIO | None = None, deadline: float | None = None
    ) -> None:
        super().__init__(stream)
        self.deadline = deadline  # on the monotonic clock
        self.name, self.steps, self.samples_left = name, steps, samples_left
        self.recent = deque[tuple[int, float]](maxlen=SMOOTHING_STEPS)
        self.smoothed_losses: dict[str, float] = {}

    def update(self, metrics: StepMetrics, watt_hours: float = 0.0) -> None:
        self.samples_left = max(0, self.samples_left - metrics.samples)
        self.recent.append((metrics.samples, metrics.seconds))
        self.smoothed_losses = moving_average(self.smoothed_losses, metrics.tasks or metrics.losses)
        if self.is_due(final=metrics.step == self.steps):
            self.show(self.line(metrics, watt_hours))

    @property
    def rate(self) -> float:
        """Pairs per second."""
        seconds = sum(seconds for _, seconds in self.recent)
        return sum(samples for samples, _ in self.recent) / seconds if seconds else 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds until the end, by the remaining samples or by the time limit, whichever is sooner."""
        limit = float("inf") if self.deadline is None else max(0.0, self.deadline - time.monotonic())
        return min(limit, self.samples_left / self.rate)

    def line(self, metrics: StepMetrics, watt_hours: float) -> str:
        losses = " ".join(f"{name} {value:.2f}" for name, value in self.smoothed_losses.items())
        parts = [
            f"{self.name} {metrics.step}/{self.steps} {metrics.phase}",
            f"{self.rate:,.0f} samples/s",
            losses or f"loss {metrics.loss:.2f}",
            "experts {idlest:.2f} to {busiest:.2f}".format(**metrics.experts) if metrics.experts else "",
            f"{duration(self.seconds_left)} left" if self.rate and self.samples_left else "",
            f"{watt_hours:.3g} Wh" if watt_hours else "",
        ]
        return " · ".join(filter(None, parts))


def moving_average(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """Exponential moving average of each loss; a task without samples in this step keeps its value."""
    share = 2 / (SMOOTHING_STEPS + 1)
    return {
        name: before[name] + share * (now[name] - before[name])
        if name in before and name in now
        else now.get(name, before.get(name, 0.0))
        for name in [*before, *(name for name in now if name not in before)]
    }
