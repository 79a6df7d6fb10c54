"""The background loop: work stops with Ctrl-C or its caller, threads share it, a forked child has its own."""

import asyncio
import os
import threading
from collections.abc import Callable, Coroutine
from functools import cache
from typing import Any

import pytest

from plait.core.calls import event_loop
from tests.support.engine_requests import EchoTransport, echo
from tests.support.running_server import wait_until


def test_ctrl_c_stops_a_call(echo_transport: EchoTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    interrupt(monkeypatch, echo_transport)
    with pytest.raises(KeyboardInterrupt):
        echo("wait 60 x")
    wait_until(lambda: echo_transport.engine.working == 0)


def test_ctrl_c_stops_a_stream_while_it_waits(echo_transport: EchoTransport, monkeypatch: pytest.MonkeyPatch) -> None:
    """The step that was cancelled is still winding up when the stream is closed."""
    stream = echo.stream("wait 60 x")
    interrupt(monkeypatch, echo_transport)
    with pytest.raises(KeyboardInterrupt):
        next(stream)
    assert echo_transport.engine.working == 0
    assert list(stream) == []


def interrupt(monkeypatch: pytest.MonkeyPatch, echo_transport: EchoTransport) -> None:
    """As if Ctrl-C were pressed as soon as the engine works: the wait for the result raises."""
    submitted = event_loop.submit

    def once(work: Any) -> Any:
        future = submitted(work)
        monkeypatch.setattr(event_loop, "submit", submitted)

        def result() -> Any:
            wait_until(lambda: echo_transport.engine.working)
            raise KeyboardInterrupt

        monkeypatch.setattr(future, "result", result)
        return future

    monkeypatch.setattr(event_loop, "submit", once)


async def consume_stream() -> None:
    async for _ in echo.astream("wait 60 x"):
        pass


@pytest.mark.parametrize("start", [lambda: echo.acall("wait 60 x"), consume_stream], ids=["call", "stream"])
def test_cancelling_async_work_stops_the_engine(
    start: Callable[[], Coroutine[Any, Any, object]], echo_transport: EchoTransport
) -> None:
    async def cancel_while_working() -> None:
        work = asyncio.create_task(start())
        while not echo_transport.engine.working:
            await asyncio.sleep(0.01)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cancel_while_working())
    wait_until(lambda: echo_transport.engine.working == 0)


def test_threads_share_one_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    # A cache of its own: with the process's loop forgotten, later tests cannot end engines that were started on it.
    monkeypatch.setattr(event_loop, "start_loop", cache(event_loop.start_loop.__wrapped__))
    answers: list[object] = []
    gate = threading.Barrier(8)

    def first() -> None:
        gate.wait()
        answers.append(event_loop.background_loop())

    threads = [threading.Thread(target=first) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, answers))) == 1


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
@pytest.mark.filterwarnings("ignore::DeprecationWarning")
def test_a_forked_child_has_a_loop_of_its_own(echo_transport: EchoTransport) -> None:
    assert echo("before") == "before"
    child = os.fork()
    if not child:
        os._exit(0 if echo("after") == "after" else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
