"""What a person sees of a run: one line that moves on a terminal, a line now and then elsewhere."""

import shutil
import sys
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TextIO

from plait.foundation.training.step_metrics import StepMetrics

TERMINAL_INTERVAL = 0.2  # seconds on a terminal
PLAIN_INTERVAL = 30.0  # seconds elsewhere
SMOOTHING_STEPS = 20  # steps


@dataclass
class TrainingProgress:
    """Of `steps` steps with `samples` pairs still to come. Speed is of the last steps, losses are smoothed."""

    name: str
    steps: int
    samples_left: int
    stream: TextIO = field(default_factory=lambda: sys.stderr)
    last_shown: float = float("-inf")
    width: int = 0
    recent: "deque[tuple[int, float]]" = field(default_factory=lambda: deque(maxlen=SMOOTHING_STEPS))
    smoothed_losses: dict[str, float] = field(default_factory=dict[str, float])
    deadline: float | None = None  # on the monotonic clock

    def update(self, metrics: StepMetrics, watt_hours: float = 0.0) -> None:
        self.samples_left = max(0, self.samples_left - metrics.samples)
        self.recent.append((metrics.samples, metrics.seconds))
        self.smoothed_losses = moving_average(self.smoothed_losses, metrics.tasks or metrics.losses)
        now = time.monotonic()
        every = TERMINAL_INTERVAL if self.stream.isatty() else PLAIN_INTERVAL
        if now - self.last_shown < every and metrics.step != self.steps:
            return
        self.last_shown = now
        self.show(self.line(metrics, watt_hours))

    @property
    def rate(self) -> float:
        """Pairs per second."""
        seconds = sum(seconds for _, seconds in self.recent)
        return sum(samples for samples, _ in self.recent) / seconds if seconds else 0.0

    @property
    def seconds_left(self) -> float:
        """Seconds until the end, by the samples still to come or by the time limit, whichever is sooner."""
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

    def show(self, line: str) -> None:
        if not self.stream.isatty():
            print(line, file=self.stream, flush=True)
            return
        line = line[: shutil.get_terminal_size().columns - 1]
        self.stream.write(f"\r{line:<{self.width}}")
        self.stream.flush()
        self.width = len(line)

    def print_message(self, text: str) -> None:
        """Words that stay, above the line that moves."""
        if self.stream.isatty():
            self.stream.write(f"\r{' ' * self.width}\r")
        self.width = 0
        print(text, file=self.stream, flush=True)

    def close(self) -> None:
        if self.stream.isatty() and self.width:
            self.stream.write("\n")
            self.stream.flush()


def moving_average(before: Mapping[str, float], now: Mapping[str, float]) -> dict[str, float]:
    """A running mean of each; a task that is not in this step keeps its own."""
    share = 2 / (SMOOTHING_STEPS + 1)
    return {
        name: before[name] + share * (now[name] - before[name])
        if name in before and name in now
        else now.get(name, before.get(name, 0.0))
        for name in [*before, *(name for name in now if name not in before)]
    }


def duration(seconds: float) -> str:
    """`41 s`, `7 min`, `2 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
