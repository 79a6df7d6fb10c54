"""Early warnings for training that goes wrong without an error."""

import math
import statistics
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plait.core.errors import TrainingError
from plait.foundation.training.step_metrics import StepMetrics

WINDOW = 20  # measurements that are judged together
MIN_MEASUREMENTS = 5  # minimum of measurements to judge


@dataclass(frozen=True)
class Alarm:
    """A warning: message, first step, hint."""

    message: str
    since_step: int
    hint: str

    def __str__(self) -> str:
        return f"warning: {self.message}, since step {self.since_step}\n  → {self.hint}"


@dataclass
class ThresholdRule:
    """Warns when the mean of the last measurements stays below a threshold for `patience` steps.

    It warns again only after the mean has been above the threshold.
    """

    message: str
    hint: str
    value: Callable[[StepMetrics], float | None]
    threshold: float
    patience: int
    values: "deque[float]" = field(default_factory=lambda: deque(maxlen=WINDOW))
    since_step: int | None = None
    is_reported: bool = False

    def warning(self, metrics: StepMetrics) -> Alarm | None:
        value = self.value(metrics)
        if value is None:
            return None
        self.values.append(value)
        mean = statistics.fmean(self.values)
        if mean >= self.threshold:
            self.since_step, self.is_reported = None, False
            return None
        self.since_step = metrics.step if self.since_step is None else self.since_step
        if self.is_reported or metrics.step - self.since_step < self.patience or len(self.values) < MIN_MEASUREMENTS:
            return None
        self.is_reported = True
        return Alarm(self.message.format(mean), self.since_step, self.hint)


@dataclass
class LossSpikeRule:
    """Warns when the loss jumps far above its median, measured by its deviation; then stays silent for a window."""

    phase: str = ""
    losses: "deque[float]" = field(default_factory=lambda: deque(maxlen=5 * WINDOW))
    quiet_until: int = 0

    def warning(self, metrics: StepMetrics) -> Alarm | None:
        if metrics.phase != self.phase:
            self.phase = metrics.phase
            self.losses.clear()
        median = statistics.median(self.losses) if len(self.losses) >= WINDOW else math.inf
        deviation = statistics.median(abs(loss - median) for loss in self.losses) if math.isfinite(median) else math.inf
        self.losses.append(metrics.loss)
        # Eight deviations, and at least 1.5 times the median: the deviation of a steady loss is close to zero.
        if metrics.loss <= max(median + 8 * deviation, 1.5 * median) or metrics.step < self.quiet_until:
            return None
        self.quiet_until = metrics.step + WINDOW
        return Alarm(
            f"the loss jumped to {metrics.loss:.3g}, where {median:.3g} was usual",
            metrics.step,
            "if it does not recover within some steps: lower optimizer.muon_lr or optimizer.clip; a stem trained "
            "before wants a stem_factor of 0.15 to 0.3",
        )


@dataclass
class SlowdownRule:
    """Warns when training is less than half as fast as earlier in the same phase."""

    phase: str = ""
    rates: list[float] = field(default_factory=list[float])
    since_step: int | None = None
    is_reported: bool = False

    def warning(self, metrics: StepMetrics) -> Alarm | None:
        if metrics.phase != self.phase:
            self.phase, self.rates, self.since_step, self.is_reported = metrics.phase, [], None, False
        rate = metrics.samples / max(metrics.seconds, 1e-9)
        if len(self.rates) < WINDOW:
            self.rates.append(rate)
            return None
        median = statistics.median(self.rates)
        if rate >= median / 2:
            self.since_step, self.is_reported = None, False
            return None
        self.since_step = metrics.step if self.since_step is None else self.since_step
        if self.is_reported or metrics.step - self.since_step < WINDOW:
            return None
        self.is_reported = True
        return Alarm(
            f"{rate:,.0f} samples/s, usual is {median:,.0f}",
            self.since_step,
            "see what else runs on this machine; processes x threads should not be more than its cores",
        )


class Monitor:
    """Checks every step of a run by the common rules and those of its objective."""

    def __init__(self, rules: Sequence[ThresholdRule] = ()) -> None:
        self.rules: list[ThresholdRule | LossSpikeRule | SlowdownRule] = [*rules, LossSpikeRule(), SlowdownRule()]

    def check(self, metrics: StepMetrics, last_checkpoint: Path | None = None) -> Iterator[Alarm]:
        """Warnings after a step. Raises TrainingError if a loss or the gradient is not a finite number."""
        check_finite(metrics, last_checkpoint)
        for rule in self.rules:
            alarm = rule.warning(metrics)
            if alarm is not None:
                yield alarm


def check_finite(metrics: StepMetrics, last_checkpoint: Path | None) -> None:
    bad = [f"{name} is {value}" for name, value in metrics.scalars.items() if not math.isfinite(value)]
    if bad:
        restart_point = (
            f"the last good checkpoint is {last_checkpoint}" if last_checkpoint else "there is no checkpoint yet"
        )
        raise TrainingError(
            f"step {metrics.step} gave values that are not finite numbers: {', '.join(bad[:4])}",
            details=(restart_point,),
            hint="lower optimizer.muon_lr, optimizer.adamw_lr or optimizer.clip and start again with --fresh"
            if last_checkpoint is None
            else "the same command resumes from there; the same recipe would fail here again: lower "
            "optimizer.muon_lr or optimizer.clip and train into another folder with --out",
        )
