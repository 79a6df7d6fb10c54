"""Admission to the shared context cache: never overbooked, in order, and nothing is lost when someone leaves."""

import asyncio
import random
from collections.abc import Coroutine
from typing import Any

import pytest

from plait.core.errors import EngineBusy
from plait.service.supervisor.admission import Admission


def run(work: Coroutine[Any, Any, None]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(10):
            await work

    asyncio.run(bounded())


async def settle() -> None:
    """All tasks have gone as far as they can."""
    for _ in range(10):
        await asyncio.sleep(0)


class Guests:
    """Callers that come in, note it, and stay until they are let go."""

    def __init__(self, admission: Admission) -> None:
        self.admission = admission
        self.inside: list[str] = []
        self.leave: dict[str, asyncio.Event] = {}

    def come(self, name: str, tokens: int) -> asyncio.Task[None]:
        self.leave[name] = asyncio.Event()
        return asyncio.create_task(self.stay(name, tokens))

    async def stay(self, name: str, tokens: int) -> None:
        async with self.admission.reserve(tokens):
            self.inside.append(name)
            await self.leave[name].wait()


def test_requests_that_do_not_fit_wait_and_are_admitted_in_order() -> None:
    async def work() -> None:
        guests = Guests(Admission(tokens=100, slots=8, queue_limit=8))
        tasks = [guests.come(name, tokens) for name, tokens in (("a", 60), ("large", 90), ("small", 10))]
        await settle()
        assert guests.inside == ["a"], "a small one must not pass a large one that waits"
        guests.leave["a"].set()
        await settle()
        assert guests.inside == ["a", "large", "small"]
        for leave in guests.leave.values():
            leave.set()
        await asyncio.gather(*tasks)

    run(work())


def test_slots_limit_the_number_of_admitted_requests() -> None:
    async def work() -> None:
        guests = Guests(Admission(tokens=1_000, slots=2, queue_limit=8))
        tasks = [guests.come(name, 1) for name in "abc"]
        await settle()
        assert guests.inside == ["a", "b"]
        guests.leave["b"].set()
        await settle()
        assert guests.inside == ["a", "b", "c"]
        for leave in guests.leave.values():
            leave.set()
        await asyncio.gather(*tasks)

    run(work())


def test_a_full_queue_refuses_with_an_error() -> None:
    async def work() -> None:
        guests = Guests(Admission(tokens=10, slots=1, queue_limit=2))
        tasks = [guests.come(name, 10) for name in "abc"]
        await settle()
        with pytest.raises(EngineBusy, match="2 calls are waiting already") as busy:
            await guests.admission.acquire(1)
        assert busy.value.retryable and busy.value.hint
        for leave in guests.leave.values():
            leave.set()
        await asyncio.gather(*tasks)
        assert (guests.admission.tokens, guests.admission.slots) == (10, 1)

    run(work())


def test_a_cancelled_waiter_leaves_its_place_to_the_next() -> None:
    async def work() -> None:
        guests = Guests(Admission(tokens=100, slots=8, queue_limit=8))
        tasks = {name: guests.come(name, tokens) for name, tokens in (("a", 60), ("large", 90), ("small", 10))}
        await settle()
        tasks["large"].cancel()
        await settle()
        assert guests.inside == ["a", "small"]
        for name in ("a", "small"):
            guests.leave[name].set()
        await asyncio.gather(*tasks.values(), return_exceptions=True)
        assert (guests.admission.tokens, guests.admission.slots) == (100, 8)

    run(work())


@pytest.mark.parametrize("first", ["cancelled", "freed"])
def test_a_request_cancelled_while_being_admitted_frees_its_tokens(first: str) -> None:
    async def work() -> None:
        admission = Admission(tokens=10, slots=1, queue_limit=8)
        await admission.acquire(10)
        waiting = asyncio.create_task(admission.acquire(10))
        after = asyncio.create_task(admission.acquire(5))
        await settle()
        if first == "cancelled":
            waiting.cancel()
            admission.release(10)
        else:
            admission.release(10)
            waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        await after
        admission.release(5)
        assert (admission.tokens, admission.slots, len(admission.waiters)) == (10, 1, 0)

    run(work())


def test_admission_is_never_overbooked_and_ends_free() -> None:
    async def work() -> None:
        chance = random.Random(7)
        admission = Admission(tokens=100, slots=4, queue_limit=20)
        inside: list[int] = []

        async def call() -> None:
            tokens = chance.randint(1, 100)
            try:
                async with admission.reserve(tokens):
                    inside.append(tokens)
                    assert sum(inside) <= 100 and len(inside) <= 4
                    try:
                        await asyncio.sleep(chance.random() / 500)
                    finally:
                        inside.remove(tokens)
            except EngineBusy:
                assert len(admission.waiters) >= 20

        calls = [asyncio.create_task(call()) for _ in range(20)]
        for _ in range(300):
            calls.append(asyncio.create_task(call()))
            if chance.random() < 0.4:
                chance.choice(calls).cancel()
            await asyncio.sleep(chance.random() / 1000)
        results = await asyncio.gather(*calls, return_exceptions=True)
        faults = [each for each in results if isinstance(each, Exception)]
        assert not faults, faults[:3]
        assert (admission.tokens, admission.slots, len(admission.waiters)) == (100, 4, 0)

    run(work())
