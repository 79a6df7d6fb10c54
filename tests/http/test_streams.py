"""Answers as server-sent events: partial answers add up, and a disconnected client stops the engine."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncGenerator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from plait.core.engine.protocol import Finish, TaskRequest, TextDelta, Usage
from plait.core.errors import EngineDied, PlaitError
from plait.http import security
from plait.service.catalog import Catalog, tasks_in
from plait.service.local_transport import LocalTransport
from tests.support import house_tasks as house
from tests.support.running_server import RunningServer, serve_catalog, wait_until

ORDER = '{"what":"nails","pieces":2,"due":"2026-03-14"}'


@dataclass
class SlowEngine:
    """An engine that says its text in pieces, and remembers who it works for. `before` are seconds to the first one."""

    text: str = "one two three four five six seven eight nine ten"
    pause: float = 0.0
    size: int = 5
    before: float = 0.0
    breaks: PlaitError | None = None
    name: str = "slowly"
    digest: str = "abc"
    working: int = 0
    stopped: list[str] = field(default_factory=list)

    def can(self, declaration: object) -> str:
        return ""

    async def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | Finish, None]:
        self.working += 1
        outcome = "left"
        try:
            await asyncio.sleep(self.before)
            for start in range(0, len(self.text), self.size):
                yield TextDelta(self.text[start : start + self.size])
                await asyncio.sleep(self.pause)
                if self.breaks and start > len(self.text) // 2:
                    outcome = "broke"
                    raise self.breaks
            outcome = "done"
            yield Finish(Usage(7, 11))
        finally:
            self.working -= 1
            self.stopped.append(outcome)

    async def aclose(self) -> None: ...


@pytest.fixture
def slow_engine() -> SlowEngine:
    return SlowEngine()


@pytest.fixture
def server(slow_engine: SlowEngine) -> Iterator[RunningServer]:
    catalog = Catalog.from_tasks(tasks_in(house))
    with serve_catalog(catalog, LocalTransport(catalog=catalog, only=slow_engine)) as running:
        yield running


def events(server: RunningServer, task: str, **inputs: Any) -> list[tuple[str, Any]]:
    """The events of a response, parsed."""
    url, headers = f"{server.url}/v1/tasks/{task}", {"accept": "text/event-stream"}
    with httpx.stream("POST", url, json=inputs, headers=headers, trust_env=False, timeout=240) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        blocks = "".join(response.iter_text()).split("\n\n")
    assert blocks.pop() == ""
    received = []
    for block in blocks:
        name, _, data = block.partition("\n")
        received.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return received


def test_a_text_is_streamed_in_deltas_and_then_complete(server: RunningServer, slow_engine: SlowEngine) -> None:
    stream_events = events(server, "shorten", text="x")
    assert {name for name, _ in stream_events[:-1]} == {"piece"} and len(stream_events) > 5
    name, whole = stream_events[-1]
    assert name == "answer" and whole["answer"] == slow_engine.text
    assert "".join(data["text"] for _, data in stream_events[:-1]) == slow_engine.text
    assert whole["model"] == "slowly@abc" and whole["usage"] == {"prompt_tokens": 7, "answer_tokens": 11}
    assert set(whole) == {
        "answer",
        "id",
        "model",
        "usage",
        "seconds",
        "evidence",
        "confidence",
        "certificate",
        "corrections",
    }
    assert whole["id"].startswith(house.shorten.declaration.fingerprint)


def test_a_record_is_streamed_as_partial_answers_and_then_complete(
    server: RunningServer, slow_engine: SlowEngine
) -> None:
    slow_engine.text = ORDER
    stream_events = events(server, "read_order", text="x")
    assert [name for name, _ in stream_events] == ["partial"] * (len(stream_events) - 1) + ["answer"] and len(
        stream_events
    ) > 3
    assert stream_events[-1][1]["answer"] == json.loads(ORDER)


def test_items_of_a_list_are_streamed_one_by_one(server: RunningServer, slow_engine: SlowEngine) -> None:
    slow_engine.text = '["one","two","three"]'
    stream_events = events(server, "words_in", text="x")
    assert stream_events[:-1] == [("item", {"item": each}) for each in ("one", "two", "three")]
    assert stream_events[-1][1]["answer"] == ["one", "two", "three"]


def test_an_error_before_the_first_event_has_an_http_status(server: RunningServer) -> None:
    headers = {"accept": "text/event-stream"}
    response = httpx.post(f"{server.url}/v1/tasks/shorten", json={}, headers=headers, trust_env=False)
    assert response.status_code == 422


def test_a_later_error_is_an_event(server: RunningServer, slow_engine: SlowEngine) -> None:
    slow_engine.breaks = EngineDied("it ended", hint="ask again")
    *before, (name, data) = events(server, "shorten", text="x")
    assert before and name == "error"
    assert data["error"]["type"] == "EngineDied" and data["error"]["retryable"] is True
    assert data["error"]["hint"] == "ask again"


def test_a_dead_engine_gives_503_with_retry_after(server: RunningServer, slow_engine: SlowEngine) -> None:
    slow_engine.breaks = EngineDied("it ended", hint="ask again")
    response = httpx.post(f"{server.url}/v1/tasks/shorten", json={"text": "x"}, trust_env=False)
    assert response.status_code == 503 and int(response.headers["retry-after"]) > 0


# ── a client that leaves ──


def disconnect(server: RunningServer, accept: str, *, once: Any, path: str = "/v1/tasks/shorten") -> None:
    """Asks, and leaves without a word as soon as `once` holds."""
    body = b'{"text":"x"}' if path.startswith("/v1") else b"text=x"
    kind = "application/json" if path.startswith("/v1") else "application/x-www-form-urlencoded"
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: {accept}\r\ncontent-type: {kind}\r\n"
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=5)) as connection:
        connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        wait_until(lambda: once(connection))


def something_came(connection: socket.socket) -> bool:
    return bool(connection.recv(4_096))


@pytest.mark.parametrize("path", ["/v1/tasks/shorten", "/tasks/shorten"])
def test_a_disconnect_during_a_stream_stops_the_engine(
    path: str, server: RunningServer, slow_engine: SlowEngine
) -> None:
    slow_engine.text, slow_engine.pause = "word " * 2_000, 0.02
    disconnect(server, "text/event-stream", once=something_came, path=path)
    wait_until(lambda: slow_engine.stopped == ["left"], within=20)


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
@pytest.mark.parametrize("path", ["/v1/tasks/shorten", "/tasks/shorten"])
def test_a_disconnect_before_the_first_event_stops_the_engine(
    accept: str, path: str, server: RunningServer, slow_engine: SlowEngine
) -> None:
    slow_engine.before = 60
    disconnect(server, accept, once=lambda _: slow_engine.working == 1, path=path)
    wait_until(lambda: slow_engine.stopped == ["left"], within=20)
    assert slow_engine.working == 0


def test_a_disconnect_without_streaming_stops_the_engine(server: RunningServer, slow_engine: SlowEngine) -> None:
    slow_engine.text, slow_engine.pause = "word " * 2_000, 0.02
    disconnect(server, "application/json", once=lambda _: slow_engine.working == 1)
    wait_until(lambda: slow_engine.stopped == ["left"], within=20)


def test_the_server_stops_while_requests_are_running(slow_engine: SlowEngine) -> None:
    slow_engine.before = 60
    catalog = Catalog.from_tasks(tasks_in(house))
    with (
        serve_catalog(catalog, LocalTransport(catalog=catalog, only=slow_engine)) as server,
        closing(socket.create_connection(("127.0.0.1", server.port), timeout=5)) as connection,
    ):
        connection.sendall(
            b'POST /v1/tasks/shorten HTTP/1.1\r\nhost: localhost\r\ncontent-length: 12\r\n\r\n{"text":"x"}'
        )
        wait_until(lambda: slow_engine.working == 1)
    wait_until(lambda: slow_engine.working == 0)


# ── what there is ──


def test_a_task_publishes_its_schemas_and_openapi_has_all_tasks(server: RunningServer) -> None:
    description = httpx.get(f"{server.url}/v1/tasks/turn", trust_env=False).json()
    assert description["fingerprint"] == house.turn.declaration.fingerprint
    assert description["schema"] == {"request": house.turn.schema.request, "answer": house.turn.schema.answer}
    document = httpx.get(f"{server.url}/openapi.json", trust_env=False).json()
    tasks = httpx.get(f"{server.url}/v1/tasks", trust_env=False).json()["tasks"]
    paths = {path for path in document["paths"] if path.startswith("/v1/tasks/") and "{name}" not in path}
    assert {each["href"] for each in tasks} == paths
    operation = document["paths"]["/v1/tasks/turn"]["post"]
    assert operation["requestBody"]["content"]["application/json"]["schema"] == house.turn.schema.request
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["answer"]
    assert answer == house.turn.schema.answer


# ── a client that stays and does not read ──


def is_stalled(server: RunningServer, slow_engine: SlowEngine, seconds: float) -> bool:
    """Whether the work for a client that never reads is over after so many seconds."""
    body = b'{"text":"x"}'
    head = (
        f"POST /v1/tasks/shorten HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", server.port))
        connection.sendall(head.encode() + body)
        wait_until(lambda: slow_engine.working == 1)
        time.sleep(seconds)
        return slow_engine.working == 0


def test_a_client_that_stops_reading_does_not_block_the_engine(
    server: RunningServer, slow_engine: SlowEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "SEND_TIMEOUT", 0.5)
    slow_engine.size, slow_engine.text = 200_000, "word " * 4_000_000
    assert is_stalled(server, slow_engine, 2.0) and slow_engine.stopped == ["left"]
    assert httpx.get(f"{server.url}/healthz", trust_env=False).status_code == 200


def test_negative_control_without_the_limit_it_would_block(server: RunningServer, slow_engine: SlowEngine) -> None:
    slow_engine.size, slow_engine.text = 200_000, "word " * 4_000_000
    assert not is_stalled(server, slow_engine, 2.0)
