"""Progress of a run in steps or in wall-clock time, and the learning-rate factor that follows from it.

A run with `run.seconds` ends when the time is over, with its decay complete: the decay follows the share of the steps
or the share of the time, whichever is further. A run without it depends on step numbers alone.
"""

import time
from dataclasses import dataclass, field

from plait.foundation.training.config import TrainerConfig


@dataclass(frozen=True)
class Timetable:
    """Clock of one session of a run; `start` is its start on the monotonic clock."""

    config: TrainerConfig
    start: float = field(default_factory=time.monotonic)

    @property
    def share(self) -> float:
        """Share of the time that has passed, from 0 to 1; 0 without a time limit."""
        seconds = self.config.run.seconds
        return min(1.0, (time.monotonic() - self.start) / seconds) if seconds else 0.0

    @property
    def is_over(self) -> bool:
        return self.share >= 1.0

    @property
    def deadline(self) -> float | None:
        """End of the session on the monotonic clock; None without a time limit."""
        return self.start + self.config.run.seconds if self.config.run.seconds else None

    def lr_factor(self, step: int) -> float:
        """Factor of the learning rates in a step, counted from 0."""
        return self.config.schedule.factor(step, self.config.steps, self.share)

    def next_phase(self, step: int) -> int | None:
        """First step of the next phase if the phase of `step` has used its share of the time; else None."""
        limit, end = self.config.phase_at(step).time_share, self.config.end_of_phase(step)
        is_cut = limit is not None and self.share >= limit and end < self.config.steps
        return end if is_cut else None
