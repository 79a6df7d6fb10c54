"""One budget of cores for answers and adaptations: answers come first, adaptations take what they leave.

Every process that makes answers holds a shared lock on one file of the data folder while it does. An adaptation looks
at that lock and pauses its trainer, but only so often that it still comes to an end on a machine that is never idle.
"""

import fcntl
import os
import threading
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

MARK_FILE = "answering.lock"
PAUSED_SHARE = 1 / 3  # of the time, at most, where answers are made without an end
BURST = 30.0  # seconds of pauses that an adaptation grants at once
RESUMED_AFTER = 1.0  # seconds of new credit before the next pause, so that a busy machine does not pause at every look


class AnsweringMark:
    """A context manager around the making of an answer, which other processes of this data folder can see.

    Answers of one process may overlap, in any thread; the mark lasts until the last of them ends, or its process. A
    folder that cannot be written has no mark, and answers none the less.
    """

    def __init__(self, folder: Path) -> None:
        self.file = folder / MARK_FILE
        self.answers, self.handle = 0, -1
        self.lock = threading.Lock()

    def __enter__(self) -> None:
        with self.lock:
            self.answers += 1
            if self.answers == 1:
                self.show()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self.lock:
            self.answers -= 1
            if not self.answers and self.handle >= 0:
                os.close(self.handle)
                self.handle = -1

    def show(self) -> None:
        # Without waiting: for some microseconds an adaptation that looks has the lock, and its next look finds the mark
        # of the next answer.
        with suppress(OSError):
            self.handle = os.open(self.file, os.O_RDWR | os.O_CREAT, 0o600)
            fcntl.flock(self.handle, fcntl.LOCK_SH | fcntl.LOCK_NB)


def is_answering(folder: Path) -> bool:
    """Whether any process of this data folder makes an answer now."""
    try:
        handle = os.open(folder / MARK_FILE, os.O_RDWR)
    except OSError:
        return False
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


@dataclass
class PauseBudget:
    """Decides when an adaptation pauses: while answers are made, and as long as it has credit.

    A second of work earns credit, a second of pause uses it up: after the first BURST seconds of pauses, an adaptation
    works for at least two of three seconds.
    """

    credit: float = BURST
    paused_seconds: float = 0.0
    is_paused: bool = False
    is_spent: bool = False

    def step(self, seconds: float, *, answering: bool) -> bool:
        """What to do next, `seconds` after the last step: True to pause, False to work."""
        if self.is_paused:
            self.paused_seconds += seconds
            self.credit -= seconds
        else:
            self.credit = min(BURST, self.credit + seconds * PAUSED_SHARE / (1 - PAUSED_SHARE))
        self.is_spent = self.credit <= 0 or (self.is_spent and self.credit < RESUMED_AFTER)
        self.is_paused = answering and not self.is_spent
        return self.is_paused
