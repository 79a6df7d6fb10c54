"""Many rows at once: keeps the engine full, in order, one bad row does not stop the rest."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from plait.core.errors import PlaitError

R = TypeVar("R")
# Twice the slots of the embedded engine: one row is always waiting when another is done.
CONCURRENCY = 16


@dataclass(frozen=True)
class Outcome:
    """What became of a row: its answer, or its error."""

    row: int
    answer: Any = None
    error: PlaitError | None = None


async def outcomes(
    answer: Callable[[Any], Awaitable[Any]], rows: Iterable[Any], concurrency: int = CONCURRENCY
) -> AsyncIterator[Outcome]:
    """The outcomes in the order of their rows. Rows are drawn as there is room: they need not fit in memory."""
    waiting: list[asyncio.Task[Outcome]] = []
    try:
        for number, row in enumerate(rows):
            waiting.append(asyncio.create_task(outcome(answer, number, row)))
            while len(waiting) >= concurrency or (waiting and waiting[0].done()):
                yield await waiting.pop(0)
        while waiting:
            yield await waiting.pop(0)
    finally:
        for task in waiting:
            task.cancel()
        await asyncio.gather(*waiting, return_exceptions=True)


async def outcome(answer: Callable[[Any], Awaitable[Any]], index: int, row: Any) -> Outcome:
    try:
        return Outcome(index, await answer(row))
    except PlaitError as error:
        return Outcome(index, error=error)


class ProgressLine:
    """One line on a terminal: how many, how fast, how long still. Nothing where no person looks."""

    def __init__(self, name: str, total: int | None, stream: Any = None) -> None:
        self.name, self.total = name, total
        self.stream = stream or sys.stderr
        self.started = time.monotonic()
        self.last_update = 0.0

    def update(self, done: int, failed: int) -> None:
        now = time.monotonic()
        if not self.stream.isatty() or (now - self.last_update < 0.2 and done != self.total):
            return
        self.last_update = now
        rate = done / max(now - self.started, 1e-9)
        left = f", {(self.total - done) / rate:.0f} s left" if self.total and rate else ""
        of = f"/{self.total}" if self.total else ""
        bad = f", {failed} failed" if failed else ""
        self.stream.write(f"\r{self.name}: {done}{of} rows, {rate:.1f}/s{left}{bad}   ")
        if done == self.total:
            self.stream.write("\n")
        self.stream.flush()
