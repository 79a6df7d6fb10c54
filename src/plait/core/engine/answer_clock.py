"""The seconds of an answer: its own time, without the time in which its call waited for its turn.

An engine wraps in `waiting()` what is not its work on the answer: a queue, the start of its process, a pause before a
retry. The clock of a call is the current one only while its engine works, so calls of one task do not mix.
"""

import time
from collections.abc import AsyncIterator, Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Generic, TypeVar

T = TypeVar("T")


class AnswerClock:
    """Counts from the start of a call; `waited` are the seconds that do not count."""

    def __init__(self) -> None:
        self.started = time.monotonic()
        self.waited = 0.0

    @property
    def seconds(self) -> float:
        return max(0.0, time.monotonic() - self.started - self.waited)


current_clock: ContextVar[AnswerClock | None] = ContextVar("current_clock", default=None)


def add_wait(seconds: float) -> None:
    """Adds seconds that the current call waited, measured elsewhere: in another thread or process."""
    if clock := current_clock.get():
        clock.waited += seconds


@contextmanager
def waiting() -> Generator[None]:
    """The time inside does not count as the answer's own; the timeout of the call includes it."""
    started = time.monotonic()
    try:
        yield
    finally:
        add_wait(time.monotonic() - started)


class Clocked(Generic[T]):
    """An iterator whose work is measured by a clock. Whoever made the inner one closes it."""

    def __init__(self, clock: AnswerClock, items: AsyncIterator[T]) -> None:
        self.clock, self.items = clock, items

    def __aiter__(self) -> AsyncIterator[T]:
        return self

    async def __anext__(self) -> T:
        before = current_clock.set(self.clock)
        try:
            return await anext(self.items)
        finally:
            current_clock.reset(before)
