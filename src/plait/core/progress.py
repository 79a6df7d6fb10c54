"""Progress of long work, with rate and time left: a moving line on a terminal, occasional plain lines elsewhere."""

import shutil
import sys
import time
from typing import TextIO

TERMINAL_INTERVAL = 0.2  # seconds between updates on a terminal
PLAIN_INTERVAL = 30.0  # seconds between lines elsewhere


class ProgressDisplay:
    """Prints progress lines to `stream`, by default standard error."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream: TextIO | None = stream or sys.stderr
        self.last_shown = float("-inf")
        self.width = 0  # of the current line on the terminal

    @property
    def is_terminal(self) -> bool:
        return is_terminal(self.stream)

    def write(self, text: str) -> None:
        """Writes and flushes. A stream that cannot be written is left alone from then on: work goes on without it."""
        if self.stream is None:
            return
        try:
            try:
                self.stream.write(text)
            except UnicodeEncodeError:
                self.stream.write(text.encode("ascii", "backslashreplace").decode())
            self.stream.flush()
        except (OSError, ValueError, AttributeError):  # closed, full, or not a file
            self.stream = None

    def is_due(self, *, final: bool = False) -> bool:
        """Whether the next line is due: at most one per interval, and always the final one."""
        now = time.monotonic()
        interval = TERMINAL_INTERVAL if self.is_terminal else PLAIN_INTERVAL
        if now - self.last_shown < interval and not final:
            return False
        self.last_shown = now
        return True

    def show(self, line: str) -> None:
        if not self.is_terminal:
            self.write(f"{line}\n")
            return
        line = line[: shutil.get_terminal_size().columns - 1]
        self.write(f"\r{line:<{self.width}}")
        self.width = len(line)

    def print_message(self, text: str) -> None:
        """Prints a permanent text above the moving line."""
        self.clear()
        self.write(f"{text}\n")

    def clear(self) -> None:
        """Removes the line from the terminal."""
        if self.is_terminal and self.width:
            self.write(f"\r{' ' * self.width}\r")
        self.width = 0

    def close(self) -> None:
        """Ends the line on the terminal."""
        if self.is_terminal and self.width:
            self.write("\n")
        self.width = 0


class CountProgress(ProgressDisplay):
    """Counts rows, images or questions: `extract_invoice: 40/100 rows, 2.1/s, 28 s left, 1 failed`.

    Work shorter than the interval writes no line to a file. Without `total` no time left is printed.
    """

    def __init__(self, name: str, total: int | None, unit: str = "rows", stream: TextIO | None = None) -> None:
        super().__init__(stream)
        self.name, self.total, self.unit = name, total, unit
        self.started = time.monotonic()
        if not self.is_terminal:
            self.last_shown = self.started

    def update(self, done: int, failed: int = 0) -> None:
        final = done == self.total
        if not self.is_due(final=final and (self.is_terminal or self.last_shown > self.started)):
            return
        self.show(self.line(done, failed))
        if final:
            self.close()

    def line(self, done: int, failed: int) -> str:
        rate = done / max(time.monotonic() - self.started, 1e-9)
        parts = [
            f"{self.name}: {done}{f'/{self.total}' if self.total else ''} {self.unit}",
            f"{rate:.1f}/s",
            f"{duration((self.total - done) / rate)} left" if self.total and rate else "",
            f"{failed} failed" if failed else "",
        ]
        return ", ".join(filter(None, parts))


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a person reads the stream; False for one that is absent, closed or not a file."""
    try:
        return stream is not None and stream.isatty()
    except (ValueError, AttributeError):
        return False


def duration(seconds: float) -> str:
    """A duration for people: `41 s`, `7 min`, `2 h 05 min`."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60:02d} min"
