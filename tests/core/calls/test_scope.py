"""`engine.scripted` and `with Client` reach the threads that their block starts, and no others."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from plait import Client, engine, task
from plait.core.calls.scope import innermost_scope
from plait.core.errors import PlaitError
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.running_server import serve_catalog

Work = Callable[[], str]


@task
def say(text: str) -> str:
    """Say {text}."""
    ...


@engine.answers(say)
def by_echo(text: str) -> str:
    return text


@task
def relay(text: str) -> str:
    """Pass {text} on."""
    ...


@engine.answers(relay)
def by_saying(text: str) -> str:
    """A rule that calls another task."""
    return say(text)


def called() -> str:
    return say("unscripted")


def in_thread(work: Work) -> str:
    answers: list[str] = []
    thread = threading.Thread(target=lambda: answers.append(work()))
    thread.start()
    thread.join()
    return answers[0]


def in_nested_thread(work: Work) -> str:
    return in_thread(lambda: in_thread(work))


def in_pool(work: Work) -> str:
    with ThreadPoolExecutor(2) as pool:
        return pool.submit(work).result()


def in_subclass(work: Work) -> str:
    class Worker(threading.Thread):
        answer = ""

        def run(self) -> None:
            self.answer = work()

    worker = Worker()
    worker.start()
    worker.join()
    return worker.answer


def in_timer(work: Work) -> str:
    answers: list[str] = []
    timer = threading.Timer(0, lambda: answers.append(work()))
    timer.start()
    timer.join()
    return answers[0]


def to_thread(work: Work) -> str:
    async def main() -> str:
        return await asyncio.to_thread(work)

    return asyncio.run(main())


def in_executor(work: Work) -> str:
    async def main() -> str:
        return await asyncio.get_running_loop().run_in_executor(None, work)

    return asyncio.run(main())


WAYS = [in_thread, in_nested_thread, in_pool, in_subclass, in_timer, to_thread, in_executor]


@pytest.mark.parametrize("way", WAYS)
def test_a_script_reaches_a_thread_that_its_block_starts(way: Callable[[Work], str]) -> None:
    with engine.scripted({say: "scripted"}):
        assert way(called) == "scripted"
    assert way(called) == "unscripted"


@pytest.mark.parametrize("way", WAYS)
def test_a_client_reaches_a_thread_that_its_block_starts(way: Callable[[Work], str]) -> None:
    catalog = Catalog.from_tasks([say])
    transport = LocalTransport(catalog=catalog, only=engine.ScriptedEngine({"say": "served"}))
    with serve_catalog(catalog, transport, AccessPolicy.from_settings("127.0.0.1", (), ())) as server:
        with Client(server.url):
            assert way(called) == "served"
        assert way(called) == "unscripted"


def test_a_thread_that_runs_already_stays_out() -> None:
    with ThreadPoolExecutor(1) as pool:
        pool.submit(called).result()
        with engine.scripted({say: "scripted"}):
            assert pool.submit(called).result() == "unscripted" and say("x") == "scripted"


def test_a_thread_that_somebody_else_starts_meanwhile_stays_out() -> None:
    begun, ended = threading.Event(), threading.Event()

    def elsewhere() -> str:
        begun.wait()
        answer = in_thread(called)
        ended.set()
        return answer

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(elsewhere)
        with engine.scripted({say: "scripted"}):
            begun.set()
            ended.wait(10)
        assert other.result() == "unscripted"


def test_blocks_of_two_threads_do_not_mix() -> None:
    barrier = threading.Barrier(2)

    def scripted(answer: str) -> list[str]:
        with engine.scripted({say: answer}):
            barrier.wait(10)
            answers = [say("x"), in_thread(called), in_pool(called)]
            barrier.wait(10)
            return answers

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(scripted, ["a", "b"])) == [["a"] * 3, ["b"] * 3]


def test_a_worker_that_outlives_its_block_is_out_of_it() -> None:
    with ThreadPoolExecutor(1) as pool, engine.scripted({say: "outer"}):
        with engine.scripted({say: "inner"}):
            assert pool.submit(called).result() == "inner"
        assert pool.submit(called).result() == "outer", "back in the block around it"
    with ThreadPoolExecutor(1) as pool:
        with engine.scripted({say: "scripted"}):
            assert pool.submit(called).result() == "scripted"
        assert pool.submit(called).result() == "unscripted"
        assert innermost_scope() is None


def test_a_rule_that_calls_another_task_has_the_block_of_its_caller_only() -> None:
    with engine.scripted({say: "scripted"}):
        assert say("x") == "scripted"
        started, ended = threading.Event(), threading.Event()

        def outside() -> str:
            started.wait()
            answer = relay("plain")
            ended.set()
            return answer

    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(outside)
        with engine.scripted({say: "scripted"}):
            started.set()
            ended.wait(10)
        assert other.result() == "plain"


def test_one_client_may_be_entered_by_several_threads_and_twice_by_one() -> None:
    catalog = Catalog.from_tasks([say])
    transport = LocalTransport(catalog=catalog, only=engine.ScriptedEngine({"say": "served"}))
    with serve_catalog(catalog, transport, AccessPolicy.from_settings("127.0.0.1", (), ())) as server:
        client = Client(server.url)

        def entered(_: int) -> list[str]:
            with client, client:
                answers = [called()]
            return [*answers, called()]

        with ThreadPoolExecutor(4) as pool:
            assert list(pool.map(entered, range(12))) == [["served", "unscripted"]] * 12


def test_an_unscripted_task_in_a_thread_is_refused_as_in_the_block() -> None:
    def refused() -> str:
        with pytest.raises(PlaitError, match="the script has no answer for relay"):
            relay("x")
        return "refused"

    with engine.scripted({say: "scripted"}):
        assert in_thread(refused) == "refused"


def test_threads_of_coroutines_and_their_blocks_are_kept_apart() -> None:
    async def scripted(answer: str) -> list[Any]:
        with engine.scripted({say: answer}):
            await asyncio.sleep(0)
            return [await say.acall("x"), await asyncio.to_thread(called), in_thread(called)]

    async def main() -> list[list[Any]]:
        return await asyncio.gather(*(scripted(answer) for answer in "abc"))

    assert asyncio.run(main()) == [[answer] * 3 for answer in "abc"]
