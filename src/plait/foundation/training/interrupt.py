"""Ctrl-C in training: finishes the step, saves a checkpoint, then ends."""

import signal
import time
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# The terminal sends Ctrl-C to every process, and the launcher forwards its own: one press arrives twice.
SAME_PRESS_SECONDS = 1.0  # seconds


@dataclass
class Interrupt:
    """Context manager for stop signals.

    The first SIGINT or SIGTERM sets `stop_requested`, a later one raises KeyboardInterrupt.
    """

    stop_requested: bool = False
    first_signal_at: float = 0.0
    previous_handlers: dict[signal.Signals, Any] = field(default_factory=dict[signal.Signals, Any])

    def __enter__(self) -> "Interrupt":
        self.previous_handlers = {each: signal.signal(each, self.handle_signal) for each in SIGNALS}
        return self

    def __exit__(
        self, error_type: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each, handler in self.previous_handlers.items():
            signal.signal(each, handler)

    def handle_signal(self, signum: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.stop_requested and now - self.first_signal_at > SAME_PRESS_SECONDS:
            raise KeyboardInterrupt
        if not self.stop_requested:
            self.stop_requested, self.first_signal_at = True, now
