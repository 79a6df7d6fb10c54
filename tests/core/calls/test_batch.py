"""Many rows at once: in order, the engine kept full, one bad row alone."""

import asyncio
from collections.abc import Iterator
from typing import Any

import pytest

from plait.core.calls.batch import CONCURRENCY
from plait.core.errors import BatchFailed, InputError
from tests.support.engine_requests import EchoTransport, echo
from tests.support.running_server import wait_until


def test_a_batch_is_in_order_and_keeps_the_engine_full(echo_transport: EchoTransport) -> None:
    rows = [{"text": f"wait {0.02 * (3 - number % 4)} {number}"} for number in range(40)]
    assert echo.batch(rows) == [str(number) for number in range(40)]
    assert echo_transport.engine.most == CONCURRENCY and echo_transport.engine.working == 0


def test_a_detailed_batch_has_the_details_of_each_answer(echo_transport: EchoTransport) -> None:
    first, second = echo.batch([{"text": "1"}, {"text": "2"}], detailed=True)
    assert (first.value, second.value) == ("1", "2") and first.id != second.id
    assert first.certificate.task == "echo" and first.confidence == {"": None}
    with pytest.raises(BatchFailed) as caught:
        echo.batch([{"text": "1"}, {"txt": "2"}], detailed=True)
    assert caught.value.answers[0].value == "1" and caught.value.answers[1] is None


def test_rows_are_read_lazily(echo_transport: EchoTransport) -> None:
    consumed: list[int] = []

    def rows() -> Iterator[dict[str, str]]:
        for number in range(100):
            consumed.append(number)
            assert number - echo_transport.engine.done <= CONCURRENCY + 1
            yield {"text": "x"}

    assert echo.batch(rows()) == ["x"] * 100 and len(consumed) == 100


def test_an_invalid_row_does_not_stop_the_rest(echo_transport: EchoTransport) -> None:
    rows: list[Any] = [{"text": "1"}, {"txt": "2"}, {"text": 3}, "4", {"text": "5"}]
    with pytest.raises(BatchFailed) as caught:
        echo.batch(rows)
    assert caught.value.answers == ["1", None, None, None, "5"]
    assert [type(error) for error in caught.value.errors] == [
        type(None),
        InputError,
        InputError,
        InputError,
        type(None),
    ]
    assert str(caught.value).startswith("3 of 5 rows failed\n    row 1: InputError: echo cannot accept these inputs")
    assert caught.value.hint == "the answers are in error.answers, the errors in error.errors"


def test_an_unexpected_error_stops_the_batch_and_its_work(echo_transport: EchoTransport) -> None:
    def rows() -> Iterator[dict[str, str]]:
        yield {"text": "x"}
        yield from ({"text": "wait 60 x"} for _ in range(CONCURRENCY - 1))
        assert echo_transport.engine.working == CONCURRENCY - 1
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        echo.batch(rows())
    assert echo_transport.engine.working == 0


def test_a_batch_can_be_awaited_and_cancelled(echo_transport: EchoTransport) -> None:
    async def both() -> list[str]:
        answers = await echo.abatch([{"text": "a"}, {"text": "b"}])
        work = asyncio.create_task(echo.abatch([{"text": "wait 60 x"}] * 3))
        while echo_transport.engine.working < 3:
            await asyncio.sleep(0.01)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        return answers

    assert asyncio.run(both()) == ["a", "b"]
    wait_until(lambda: echo_transport.engine.working == 0)
