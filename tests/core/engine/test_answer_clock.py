"""The seconds of an answer are its own: waiting for a turn counts for the timeout alone."""

import asyncio
import time
from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

import httpx
import pytest

from plait.core.engine.answer_clock import AnswerClock, Clocked, add_wait, waiting
from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.core.engine.validation import Completed, answer_events
from plait.core.errors import TimedOut
from plait.core.task.declaration import Declaration
from plait.core.task.task import task
from plait.core.values.call_context import NO_CONTEXT
from plait.service.code_engines import FunctionEngine
from plait.service.engines.openai import retries
from plait.service.supervisor.admission import Admission

WORK = 0.1  # seconds of an answer


@task
def echo(text: str) -> str:
    """Repeat {text}."""
    ...


class OneAtATime:
    """An engine with one slot. Each answer takes WORK seconds."""

    name = "slow"
    digest = ""

    def __init__(self) -> None:
        self.admission = Admission(10, 1, 100)

    def can(self, declaration: Declaration) -> str:
        return ""

    async def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | Finish, None]:
        async with self.admission.reserve(1):
            for piece in "two", " words":
                await asyncio.sleep(WORK / 2)
                yield TextDelta(piece)
        yield Finish()

    async def aclose(self) -> None: ...


async def answer(engine: Any, *, timeout: float = 20) -> Completed:
    request = TaskRequest(echo.declaration, {"text": "x"}, NO_CONTEXT)
    *_, last = [event async for event in answer_events(engine, request, streamed=False, timeout=timeout)]
    assert isinstance(last, Completed)
    return last


def test_the_time_in_a_queue_is_no_part_of_an_answer() -> None:
    async def together() -> list[Completed]:
        engine = OneAtATime()
        return await asyncio.gather(*(answer(engine) for _ in range(8)))

    started = time.monotonic()
    completed = asyncio.run(together())
    assert time.monotonic() - started > 8 * WORK * 0.9
    assert all(WORK * 0.9 < each.seconds < 4 * WORK for each in completed), [each.seconds for each in completed]


def test_the_timeout_includes_the_queue() -> None:
    async def together() -> list[Any]:
        engine = OneAtATime()
        return await asyncio.gather(*(answer(engine, timeout=3 * WORK) for _ in range(6)), return_exceptions=True)

    first, *_, last = asyncio.run(together())
    assert isinstance(first, Completed) and isinstance(last, TimedOut)


def test_two_streams_of_one_task_have_a_clock_each() -> None:
    async def items(waits: float) -> AsyncIterator[int]:
        for number in range(3):
            with waiting():
                await asyncio.sleep(waits)
            yield number

    async def alternate() -> tuple[AnswerClock, AnswerClock]:
        long, short = AnswerClock(), AnswerClock()
        streams = Clocked(long, items(0.05)), Clocked(short, items(0))
        for _ in range(3):
            for stream in streams:
                await anext(stream)
        return long, short

    long, short = asyncio.run(alternate())
    assert long.waited >= 0.15 and short.waited < 0.05 and long.seconds < 0.1 and short.seconds >= 0.14


def test_without_a_call_nothing_is_counted() -> None:
    add_wait(5.0)
    with waiting():
        pass


def test_waiting_for_a_thread_is_no_part_of_an_answer() -> None:
    async def together() -> list[Completed]:
        asyncio.get_running_loop().set_default_executor(one_thread())
        engine = FunctionEngine(echo.declaration, sleepy)
        return await asyncio.gather(*(answer(engine) for _ in range(8)))

    assert all(each.seconds < 4 * WORK for each in asyncio.run(together()))


def one_thread() -> Any:
    from concurrent.futures import ThreadPoolExecutor

    return ThreadPoolExecutor(1)


def sleepy(text: str) -> str:
    time.sleep(WORK)
    return text


def test_a_pause_before_a_retry_is_no_part_of_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "jitter", lambda attempt: WORK)
    statuses = iter((503, 429, 200))

    async def send() -> httpx.Response:
        return httpx.Response(next(statuses))

    async def work() -> AnswerClock:
        async def once() -> AsyncIterator[httpx.Response]:
            yield await retries.send_with_retries(send)

        clock = AnswerClock()
        assert (await anext(Clocked(clock, once()))).status_code == 200
        return clock

    clock = asyncio.run(work())
    assert clock.waited >= 2 * WORK * 0.9 and clock.seconds < WORK
