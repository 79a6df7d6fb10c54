"""A task is called and streamed, synchronously and asynchronously, from anywhere."""

import asyncio
import inspect
from typing import Any

import pytest

from plait.core.calls import event_loop
from plait.core.errors import Incomplete, InputError
from plait.core.task.options import Options
from plait.core.task.task import task
from tests.support.engine_requests import PAIR, EchoTransport, Pair, echo, numbers, pair
from tests.support.running_server import wait_until


def test_a_call_returns_a_plain_value(echo_transport: EchoTransport) -> None:
    assert echo("hello") == "hello"
    assert pair(text=PAIR) == Pair(left="a", right=2)
    assert numbers("[1,2]") == [1, 2]


def test_a_call_from_inside_a_running_loop_works(echo_transport: EchoTransport) -> None:
    async def notebook() -> tuple[str, str]:
        return echo("sync"), await echo.acall("async")

    assert asyncio.run(notebook()) == ("sync", "async")


def test_a_call_inside_the_event_loop_of_plait_is_refused(echo_transport: EchoTransport) -> None:
    async def engine() -> str:
        return echo("x")

    with pytest.raises(RuntimeError, match=r"write `await task\.acall"):
        event_loop.run(engine())


def test_streams_yield_text_items_and_records(echo_transport: EchoTransport) -> None:
    assert list(echo.stream("abc")) == ["a", "b", "c"]
    assert list(numbers.stream("[1, 2]")) == [1, 2]
    *growing, last = pair.stream(PAIR)
    assert growing[-1].partial == {"left": "a", "right": 2} and last.final == Pair(left="a", right=2)
    assert repr(last) == "StreamedAnswer(Pair(left='a', right=2))" and repr(growing[0]) == "StreamedAnswer(partial={})"
    with pytest.raises(Incomplete):
        print(growing[0].final)


def test_an_async_stream_yields_the_same(echo_transport: EchoTransport) -> None:
    async def collect() -> list[str]:
        return [piece async for piece in echo.astream("abc")]

    assert asyncio.run(collect()) == ["a", "b", "c"]


def test_an_input_error_is_raised_by_the_call_that_starts_the_stream(echo_transport: EchoTransport) -> None:
    for call in (lambda: echo.stream(), lambda: echo.astream(3), lambda: echo(), lambda: echo("a", "b")):  # type: ignore
        with pytest.raises(InputError):
            call()
    assert echo_transport.calls == []


def test_closing_a_stream_stops_the_engine(echo_transport: EchoTransport) -> None:
    for _ in echo.stream("abcdef" * 50):
        break
    wait_until(lambda: echo_transport.engine.working == 0)
    stream = echo.stream("abcdef")
    assert next(stream) == "a"
    stream.close()  # type: ignore[attr-defined]
    assert echo_transport.engine.working == 0 and echo_transport.engine.done == 0


def test_closing_an_async_stream_stops_the_engine(echo_transport: EchoTransport) -> None:
    async def first() -> str:
        stream = echo.astream("abcdef")
        piece = await anext(stream)
        await stream.aclose()  # type: ignore[attr-defined]
        return piece

    assert asyncio.run(first()) == "a" and echo_transport.engine.working == 0


# ── looking, and choosing otherwise ──


def test_using_returns_the_same_task_with_other_options(echo_transport: EchoTransport) -> None:
    variant = echo.using("m", seed=1).using(temperature=0.5).using(seed=2)
    assert variant.options == Options("m", 2, 0.5) and echo.options == Options()
    assert variant("x") == "x" and echo_transport.calls[0].options == variant.options
    assert variant.code_engines is echo.code_engines and variant.declaration is echo.declaration
    with pytest.raises(InputError, match="option seed should be between"):
        echo.using(seed=-1)


def test_a_task_has_a_repr_a_docstring_a_signature_and_schemas() -> None:
    assert repr(echo) == f"<task echo {echo.declaration.fingerprint}>"
    assert echo.__doc__ == "Say {text}." and str(inspect.signature(echo)) == "(text: str) -> str"
    assert echo.schema.request == {
        "type": "object",
        "properties": {"text": {"type": "string", "minLength": 0}},
        "required": ["text"],
        "additionalProperties": False,
    }
    assert pair.schema.answer["title"] == "Pair" and pair.grammar is not None


def test_a_fingerprint_changes_with_wording_types_and_inputs() -> None:
    def variant(source: str) -> str:
        space: dict[str, Any] = {"task": task}
        exec(source, space)
        return space["f"].declaration.fingerprint

    same = [variant('@task\ndef f(a: str) -> int:\n    """Say {a}."""\n') for _ in range(2)]
    others = [
        variant('@task\ndef f(a: str) -> int:\n    """Tell {a}."""\n'),
        variant('@task\ndef f(a: str) -> float:\n    """Say {a}."""\n'),
        variant('@task\ndef f(a: int) -> int:\n    """Say {a}."""\n'),
        variant('@task\ndef f(b: str) -> int:\n    """Say {b}."""\n'),
        variant('@task(wordings={"zh": "{a}"})\ndef f(a: str) -> int:\n    """Say {a}."""\n'),
    ]
    assert len(set(same)) == 1 and len({*same, *others}) == 6
