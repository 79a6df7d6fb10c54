"""Answers many rows concurrently and yields them in order; a row that fails does not stop the others."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from plait.core.errors import EngineError

R = TypeVar("R")
# Twice the parallel sequences of the embedded engine: a row is always waiting when another ends.
CONCURRENCY = 16
# What the code of a row may raise. Ctrl-C is not among it: a signal reaches the main thread, rows run in others.
ROW_ERRORS = (Exception, SystemExit, KeyboardInterrupt)


@dataclass(frozen=True)
class Outcome:
    """The result of a row: its answer, or its error, which is any exception."""

    row: int
    answer: Any = None
    error: BaseException | None = None


async def outcomes(
    answer: Callable[[Any], Awaitable[Any]], rows: Iterable[Any], concurrency: int = CONCURRENCY
) -> AsyncGenerator[Outcome, None]:
    """The outcomes in the order of the rows. Rows are read lazily: they need not fit in memory."""
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
        return Outcome(index, await row_result(answer(row)))
    except ROW_ERRORS as error:
        return Outcome(index, error=error)


async def row_result(work: Awaitable[R]) -> R:
    """The result of a row's work. CancelledError means that the caller is cancelled; a row's own is an EngineError."""
    try:
        return await work
    except asyncio.CancelledError as error:
        current = asyncio.current_task()
        if current is None or current.cancelling():
            raise
        raise EngineError("the answer was cancelled by its own engine", hint="run the row again") from error
