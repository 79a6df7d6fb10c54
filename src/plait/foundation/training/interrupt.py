"""Ctrl-C in training: the step is finished and a checkpoint saved, then it ends."""

import signal
import time
from dataclasses import dataclass, field
from types import FrameType, TracebackType
from typing import Any

SIGNALS = (signal.SIGINT, signal.SIGTERM)
# A terminal sends Ctrl-C to every process, and the launcher passes on what it got: one press arrives twice.
SAME_PRESS = 1.0  # seconds


@dataclass
class Interrupt:
    """While it is entered, a first SIGINT or SIGTERM is noted in `asked`, a later one raises KeyboardInterrupt."""

    asked: bool = False
    first: float = 0.0
    before: dict[signal.Signals, Any] = field(default_factory=dict[signal.Signals, Any])

    def __enter__(self) -> "Interrupt":
        self.before = {each: signal.signal(each, self.note) for each in SIGNALS}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each, handler in self.before.items():
            signal.signal(each, handler)

    def note(self, number: int, frame: FrameType | None) -> None:
        now = time.monotonic()
        if self.asked and now - self.first > SAME_PRESS:
            raise KeyboardInterrupt
        if not self.asked:
            self.asked, self.first = True, now
