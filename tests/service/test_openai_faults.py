"""Servers that fail: HTML, silence, drips, cuts, nonsense, floods, refusals. Each stands beside one that does it right.

`right` is the control: the same call of the same engine, answered. So no test here passes because nothing works.
"""

import asyncio
import json
import time
from collections.abc import Callable
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from plait.core.engine.chat import ChatEngine
from plait.core.engine.validation import answer_events
from plait.core.errors import EngineBusy, EngineError, InvalidAnswer, PlaitError, TimedOut, error_text
from plait.service.engines.openai import retries, stream
from plait.testing.engines import read_order, task_request
from tests.support.openai_peer import (
    ORDER,
    Reply,
    event,
    events,
    hang_up,
    never_reply,
    peer,
    reply_error,
    reply_parts,
    reply_status,
    reply_text,
)
from tests.support.openai_requests import KEY, TEXT, chat_text, complete, error_of, model, seconds
from tests.support.running_server import free_port, wait_until

HTML = "<!doctype html>\n<html><head><title>Welcome to nginx!</title></head><body>It works.</body></html>"
IS_ONE_THERE = "check the url: an OpenAI-compatible server's usually ends in /v1"
FIRST = events(ORDER)[:4]


@pytest.fixture(autouse=True)
def hurried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits between tries are short; what a server asks to wait for is not."""
    monkeypatch.setattr(retries, "INITIAL_BACKOFF", 0.01)


@pytest.fixture(autouse=True)
def right() -> None:
    with peer(reply_text(ORDER)) as server:
        assert complete(model(server.url)).value.what == "nails" and len(server.calls) == 1


def error_and_calls(*replies: Reply, timeout: float = 10, **settings: Any) -> tuple[PlaitError, int]:
    """The error of a call and the number of requests; asserts that the error never contains the key."""
    with peer(*replies) as server:
        error = error_of(model(server.url, **settings), timeout=timeout)
        assert KEY not in error_text(error) and KEY not in repr(error)
        return error, len(server.calls)


# ── what is no completion ──

NONSENSE: dict[str, tuple[Reply, str]] = {
    "HTML": (
        reply_status(200, HTML, kind="text/html"),
        "gpu-box answered text/html instead of a stream: <!doctype html> <html><head><title>Welcome to nginx!",
    ),
    "HTML as an event stream": (
        reply_parts([f"data: {HTML}\n\n".encode()]),
        "gpu-box sent something other than a chat completion chunk: <!doctype html>",
    ),
    "JSON that is no completion": (
        reply_status(200, json.dumps({"choices": [{"text": ORDER}]})),
        'gpu-box answered application/json instead of a stream: {"choices": [{"text":',
    ),
    "half a completion": (
        reply_status(200, '{"choices": [{"message": {"content":"nails'),
        'gpu-box answered application/json instead of a stream: {"choices": [{"message": {"content":',
    ),
    "nothing without a type": (reply_status(200, "", kind=""), "gpu-box answered something without a type instead of"),
    "bytes that are no text": (
        reply_status(200, b"\x00\x1b[31m\xff\xfe" * 50, kind="application/octet-stream"),
        "gpu-box answered application/octet-stream instead of a stream: [31m\ufffd\ufffd [31m",
    ),
    "invalid JSON": (
        reply_parts([b'data: {"choices": [\n\n']),
        "gpu-box sent something other than a chat completion chunk: {",
    ),
    "JSON of another form": (
        reply_parts([event({"choices": "none"})]),
        'gpu-box sent something other than a chat completion chunk: {"choices": "none"}',
    ),
    "fewer tokens than none": (
        reply_parts([event({"choices": [], "usage": {"completion_tokens": -5}})]),
        "gpu-box sent something other than a chat completion chunk:",
    ),
    "a number where text belongs": (
        reply_parts([event({"choices": [{"delta": {"content": 3}}]})]),
        "gpu-box sent something other than a chat completion chunk:",
    ),
    "brackets 100,000 deep": (
        reply_parts([b"data: " + b"[" * 100_000 + b"\n\n"]),
        "gpu-box sent something other than a",
    ),
    "half a character": (
        reply_parts([b'data: {"choices": [{"delta": {"content": "\\ud83d"}}]}\n\n']),
        "gpu-box sent something other than a chat completion chunk:",
    ),
    "text that is not UTF-8": (
        reply_parts([b'data: {"choices": [{"delta": {"content": "\xff"}}]}\n\n']),
        "gpu-box sent something other than a chat completion chunk:",
    ),
    "a redirect": (
        reply_status(307, "", location="http://elsewhere.example/v1"),
        "gpu-box redirects to another address (307)",
    ),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_a_response_that_is_no_completion_is_quoted(what: str) -> None:
    reply, says_so = NONSENSE[what]
    error, calls = error_and_calls(reply)
    assert type(error) is EngineError and error.message.startswith(says_so), error.message
    assert error.message.isprintable() and len(error.message) < 250 and calls == 1
    assert error.hint == IS_ONE_THERE or "redirect" in what


def test_a_redirect_is_not_followed() -> None:
    with peer(reply_text(ORDER)) as elsewhere:
        error, _ = error_and_calls(reply_status(308, "", location=f"{elsewhere.url}/chat/completions"))
        assert not elsewhere.heard and error.hint.startswith("set url to the final address under [models")


def test_proxies_of_the_environment_are_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    with peer(reply_text(ORDER)) as proxy, peer(reply_text(ORDER)) as server:
        for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url.removesuffix("/v1"))
        complete(model(server.url))
        assert server.calls and not proxy.heard


def test_a_missing_endpoint_is_reported() -> None:
    with peer(reply_text(ORDER)) as server:
        error = error_of(model(server.url + "/nowhere"))
    assert error.message.endswith("/chat/completions does not exist: 404 Not Found: not here")
    assert error.hint == IS_ONE_THERE


# ── silence and drips ──


async def hangs_in_a_refusal(writer: asyncio.StreamWriter) -> None:
    writer.write(b'HTTP/1.1 400 X\r\ncontent-type: application/json\r\ncontent-length: 1000\r\n\r\n{"error":')
    await never_reply(writer)


@pytest.mark.parametrize(
    "reply",
    [
        never_reply,
        reply_parts(FIRST, then=never_reply),
        reply_parts([bytes([each]) for each in b"".join(events(ORDER))], pause=0.2),
        reply_parts([b": keep-alive\n\n"] * 100, pause=0.1),
        reply_parts(events("", finish=None, usage=False)[:1] * 100, pause=0.1),
        hangs_in_a_refusal,
    ],
    ids=["hangs", "hangs in the middle", "drips", "drips comments", "drips empty events", "hangs in a refusal"],
)
def test_any_delay_ends_with_the_timeout_and_the_connection_is_closed(reply: Reply) -> None:
    with peer(reply) as server:
        started = time.monotonic()
        error = error_of(model(server.url), timeout=1.5)
        took = time.monotonic() - started
        wait_until(lambda: server.open == 0)
    assert isinstance(error, TimedOut) and error.message == "no answer within 1.5 seconds"
    assert 1.4 < took < 9 and len(server.calls) == 1, "0.6 seconds were over before a busy machine had connected"


def test_a_slow_server_within_the_timeout_is_waited_for() -> None:
    with peer(reply_parts(events(ORDER), pause=0.05)) as server:
        assert complete(model(server.url), timeout=10).value.pieces == 2


def test_closing_the_stream_closes_the_connection() -> None:
    async def first_piece(url: str) -> None:
        engine = ChatEngine(model(url))
        async with aclosing(engine.answer(task_request(read_order, TEXT))) as pieces:
            await anext(pieces)
        wait_until(lambda: server.open == 0)
        await engine.aclose()

    with peer(reply_parts(FIRST, then=never_reply)) as server:
        asyncio.run(first_piece(server.url))


def test_a_call_that_is_cancelled_closes_the_connection() -> None:
    async def cancelled(url: str) -> None:
        engine = ChatEngine(model(url))

        async def call() -> None:
            async for _ in answer_events(engine, task_request(read_order, TEXT), streamed=False, timeout=240):
                pass

        work = asyncio.create_task(call())
        while not server.calls:
            await asyncio.sleep(0.01)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        wait_until(lambda: server.open == 0)
        await engine.aclose()

    with peer(never_reply) as server:
        asyncio.run(cancelled(server.url))


# ── cuts ──


@pytest.mark.parametrize(
    "reply",
    [
        reply_parts(FIRST, cut=True),
        reply_parts(FIRST),
        reply_parts([*FIRST, b'data: {"choices": [{"del'], cut=True),
        reply_parts(events(ORDER, finish=None, usage=False)[:-1]),
    ],
    ids=["closed", "ended", "in an event", "after the last piece"],
)
def test_a_stream_without_an_end_marker_is_incomplete(reply: Reply) -> None:
    error, calls = error_and_calls(reply)
    assert type(error) is EngineError and error.message.startswith(
        "gpu-box closed the stream in the middle of an answer ("
    )
    assert calls == 1, "what was begun is not asked for again behind the caller's back"


@pytest.mark.parametrize(
    "reply",
    [
        reply_parts(events(ORDER, usage=False)[:-1]),
        reply_parts(events(ORDER)[:-1], cut=True),
        reply_parts(events(ORDER, finish=None)),
        reply_parts(events(ORDER), then=never_reply),
    ],
    ids=["a reason, then the end", "a reason, then cut", "[DONE] without a reason", "[DONE], then silence"],
)
def test_a_stream_with_an_end_marker_is_complete(reply: Reply) -> None:
    with peer(reply) as server:
        assert complete(model(server.url)).value.what == "nails"


ERRORS: dict[str, bytes] = {
    "OpenAI, vLLM": event({"error": {"message": "CUDA out of memory", "type": "server_error", "code": 500}}),
    "a text": event({"error": "CUDA out of memory"}),
    "an older vLLM": event({"object": "error", "message": "CUDA out of memory", "code": 500}),
    "an older llama.cpp": b'error: {"code":500,"message":"CUDA out of memory"}\n\n',
}


@pytest.mark.parametrize("who", ERRORS)
def test_an_error_in_the_stream_is_reported_with_the_message_of_the_server(who: str) -> None:
    error, calls = error_and_calls(reply_parts([*FIRST, ERRORS[who]]))
    assert type(error) is EngineError and error.message == "gpu-box stopped: CUDA out of memory" and calls == 1


def test_a_model_that_refuses_is_quoted() -> None:
    error, _ = error_and_calls(reply_parts([event({"choices": [{"delta": {"refusal": "I cannot help with nails."}}]})]))
    assert error.message == "gpu-box declines to answer: I cannot help with nails."
    error, _ = error_and_calls(reply_text(ORDER[:20], finish="content_filter"))
    assert error.message == "gpu-box stopped because of its content filter"


# ── floods ──


def test_a_line_without_end_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long before the stream is too long as a whole."""
    monkeypatch.setenv("PLAIT_ANSWER_TOKENS", "20000")
    sent: list[int] = []

    async def floods(writer: asyncio.StreamWriter) -> None:
        while True:
            writer.write(b"10000\r\n" + b"a" * 65536 + b"\r\n")
            await writer.drain()
            sent.append(65536)

    error, _ = error_and_calls(reply_parts([b"data: "], then=floods))
    assert error.message == "gpu-box sent a line of more than 1,048,576 bytes for an answer of 20,000 tokens"
    assert sum(sent) < 40 * stream.MAX_LINE_BYTES


def test_a_line_that_is_long_but_within_the_bound_is_read() -> None:
    with peer(reply_parts([b": " + b"a" * (stream.MAX_LINE_BYTES - 70_000) + b"\n\n", *events(ORDER)])) as server:
        assert complete(model(server.url)).value.what == "nails"


def test_a_stream_larger_than_any_answer_is_refused() -> None:
    error, _ = error_and_calls(reply_parts([b": ping\n\n" * 8192] * 200))
    assert error.message.startswith("gpu-box sent a stream of more than 9,437,184 bytes")


def test_text_longer_than_max_tokens_can_hold_is_refused() -> None:
    with peer(reply_text("word " * 400, piece=500)) as server, pytest.raises(EngineError) as caught:
        chat_text(model(server.url), max_tokens=10)
    assert caught.value.message.startswith("gpu-box wrote more than 10 tokens can hold: 1,")
    with peer(reply_text("word " * 100, piece=500)) as server:
        assert len(chat_text(model(server.url), max_tokens=10)[0]) == 500


# ── asked again ──


@pytest.mark.parametrize("reply", [reply_status(code, "busy") for code in (429, 500, 502, 503, 504)] + [hang_up])
def test_a_transient_failure_is_retried_up_to_three_times(reply: Reply) -> None:
    with peer(reply, reply, reply_text(ORDER)) as server:
        assert complete(model(server.url)).value.what == "nails" and len(server.calls) == 3
    error, calls = error_and_calls(reply, reply, reply, reply_text(ORDER))
    assert isinstance(error, EngineError) and calls == 3


@pytest.mark.parametrize("code", [429, 503])
def test_a_server_that_stays_busy_is_reported_as_busy(code: int) -> None:
    error, calls = error_and_calls(reply_error(code, "queue is full", retry_after="0"))
    assert type(error) is EngineBusy and error.retryable and calls == 3
    assert (error.message, error.hint) == (
        "gpu-box is busy: queue is full",
        "try again in a moment, or use another model",
    )


@pytest.mark.parametrize("code", [500, 502, 504])
def test_a_server_that_stays_broken_is_reported_as_broken(code: int) -> None:
    error, calls = error_and_calls(reply_status(code, HTML, kind="text/html"))
    assert type(error) is EngineError and not error.retryable and calls == 3
    assert error.message.startswith(f"gpu-box answered {code} ") and "nginx" in error.message


@pytest.mark.parametrize("code", [400, 401, 403, 404, 405, 413, 422])
def test_a_permanent_failure_is_not_retried(code: int) -> None:
    _, calls = error_and_calls(reply_error(code, "no"), reply_text(ORDER))
    assert calls == 1


def in_seconds() -> str:
    return "3"


def as_a_date() -> str:
    return format_datetime(datetime.now(UTC) + timedelta(seconds=4), usegmt=True)  # whole seconds: 3 to 4 from now


@pytest.mark.parametrize("after", [in_seconds, as_a_date])
def test_retry_after_is_honoured(after: Callable[[], str]) -> None:
    with peer(reply_error(429, "slow down", retry_after=after()), reply_text(ORDER)) as server:
        took = seconds(lambda: complete(model(server.url)))
    assert 2.9 < took < 30 and len(server.calls) == 2
    with peer(reply_error(429, "slow down"), reply_text(ORDER)) as server:
        assert seconds(lambda: complete(model(server.url))) < 2.9


def test_a_retry_wait_ends_with_the_timeout() -> None:
    with peer(reply_error(429, "slow down", retry_after="20"), reply_text(ORDER)) as server:
        took = seconds(lambda: error_of(model(server.url), timeout=0.5))
        assert took < 15 and len(server.calls) == 1


def test_a_very_long_retry_after_is_reported_instead() -> None:
    error, calls = error_and_calls(reply_error(429, "daily limit reached", retry_after="3600"))
    assert type(error) is EngineBusy and calls == 1
    assert error.hint == "try again in 3,600 seconds, or use another model"


def test_a_refused_connection_is_reported_with_the_address() -> None:
    url = f"http://127.0.0.1:{free_port()}/v1"
    error = error_of(model(url))
    assert type(error) is EngineError and error.message.startswith(f"{url} does not answer: ")
    assert error.hint == "start that server, or correct url under [models.gpu-box] in plait.toml"


# ── keys ──


@pytest.mark.parametrize("code", [401, 403])
def test_a_key_that_is_refused_is_named_by_its_setting_and_never_shown(code: int) -> None:
    error, _ = error_and_calls(reply_error(code, f"Incorrect API key provided: {KEY}."))
    assert error.message == "gpu-box refuses the key of [models.gpu-box]: Incorrect API key provided: [key]."
    assert error.hint == 'write key = "env:NAME" under [models.gpu-box] in plait.toml, and export NAME=...'
    error, _ = error_and_calls(reply_error(code, "no key"), key="")
    assert error.message == "gpu-box requires a key, and there is none in [models.gpu-box]: no key"


@pytest.mark.parametrize(
    "reply",
    [
        reply_status(500, f"your key was {KEY}", kind="text/plain"),
        reply_status(200, f"your key was {KEY}", kind="text/plain"),
        reply_error(400, f"context {KEY}"),
        reply_parts([f"data: {KEY}\n\n".encode()]),
        reply_parts([event({"error": {"message": KEY}})]),
    ],
)
def test_a_key_repeated_by_the_server_is_removed_from_the_quote(reply: Reply) -> None:
    error, _ = error_and_calls(reply)
    assert "[key]" in error.message


def test_an_invalid_answer_is_reported_as_with_other_engines() -> None:
    error, calls = error_and_calls(reply_text("no JSON"))
    assert isinstance(error, InvalidAnswer) and calls == 2
