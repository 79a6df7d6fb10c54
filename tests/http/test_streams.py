"""Answers as server-sent events: what is told on the way adds up; a client that leaves stops the work."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Iterator
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
from tests.support.running_server import Served, served, until

ORDER = '{"what":"nails","pieces":2,"due":"2026-03-14"}'


@dataclass
class Slowly:
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

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
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
def slowly() -> Slowly:
    return Slowly()


@pytest.fixture
def there(slowly: Slowly) -> Iterator[Served]:
    catalog = Catalog.from_tasks(tasks_in(house))
    with served(catalog, LocalTransport(catalog=catalog, only=slowly)) as running:
        yield running


def events(there: Served, task: str, **inputs: Any) -> list[tuple[str, Any]]:
    """What the server tells, as a program reads it."""
    url, headers = f"{there.url}/v1/tasks/{task}", {"accept": "text/event-stream"}
    with httpx.stream("POST", url, json=inputs, headers=headers, trust_env=False, timeout=20) as response:
        assert response.status_code == 200, response.read()
        assert response.headers["content-type"].startswith("text/event-stream")
        blocks = "".join(response.iter_text()).split("\n\n")
    assert blocks.pop() == ""
    found = []
    for block in blocks:
        name, _, data = block.partition("\n")
        found.append((name.removeprefix("event: "), json.loads(data.removeprefix("data: "))))
    return found


def test_a_text_is_streamed_in_deltas_and_then_complete(there: Served, slowly: Slowly) -> None:
    told = events(there, "shorten", text="x")
    assert {name for name, _ in told[:-1]} == {"piece"} and len(told) > 5
    name, whole = told[-1]
    assert name == "answer" and whole["answer"] == slowly.text
    assert "".join(data["text"] for _, data in told[:-1]) == slowly.text
    assert whole["model"] == "slowly@abc" and whole["usage"] == {"prompt_tokens": 7, "answer_tokens": 11}
    assert set(whole) == {"answer", "id", "model", "usage", "seconds"}
    assert whole["id"].startswith(house.shorten.declaration.fingerprint)


def test_a_record_is_streamed_as_partial_answers_and_then_complete(there: Served, slowly: Slowly) -> None:
    slowly.text = ORDER
    told = events(there, "read_order", text="x")
    assert [name for name, _ in told] == ["partial"] * (len(told) - 1) + ["answer"] and len(told) > 3
    assert told[-1][1]["answer"] == json.loads(ORDER)


def test_items_of_a_list_are_streamed_one_by_one(there: Served, slowly: Slowly) -> None:
    slowly.text = '["one","two","three"]'
    told = events(there, "words_in", text="x")
    assert told[:-1] == [("item", {"item": each}) for each in ("one", "two", "three")]
    assert told[-1][1]["answer"] == ["one", "two", "three"]


def test_an_error_before_the_first_event_has_an_http_status(there: Served) -> None:
    headers = {"accept": "text/event-stream"}
    response = httpx.post(f"{there.url}/v1/tasks/shorten", json={}, headers=headers, trust_env=False)
    assert response.status_code == 422


def test_a_later_error_is_an_event(there: Served, slowly: Slowly) -> None:
    slowly.breaks = EngineDied("it ended", hint="ask again")
    *before, (name, data) = events(there, "shorten", text="x")
    assert before and name == "error"
    assert data["error"]["type"] == "EngineDied" and data["error"]["retryable"] is True
    assert data["error"]["hint"] == "ask again"


def test_a_dead_engine_gives_503_with_retry_after(there: Served, slowly: Slowly) -> None:
    slowly.breaks = EngineDied("it ended", hint="ask again")
    response = httpx.post(f"{there.url}/v1/tasks/shorten", json={"text": "x"}, trust_env=False)
    assert response.status_code == 503 and int(response.headers["retry-after"]) > 0


# ── a client that leaves ──


def left(there: Served, accept: str, *, once: Any, path: str = "/v1/tasks/shorten") -> None:
    """Asks, and leaves without a word as soon as `once` holds."""
    body = b'{"text":"x"}' if path.startswith("/v1") else b"text=x"
    kind = "application/json" if path.startswith("/v1") else "application/x-www-form-urlencoded"
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\naccept: {accept}\r\ncontent-type: {kind}\r\n"
    with closing(socket.create_connection(("127.0.0.1", there.port), timeout=5)) as connection:
        connection.sendall(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        until(lambda: once(connection))


def something_came(connection: socket.socket) -> bool:
    return bool(connection.recv(4_096))


@pytest.mark.parametrize("path", ["/v1/tasks/shorten", "/tasks/shorten"])
def test_a_disconnect_during_a_stream_stops_the_engine(path: str, there: Served, slowly: Slowly) -> None:
    slowly.text, slowly.pause = "word " * 2_000, 0.02
    left(there, "text/event-stream", once=something_came, path=path)
    assert until(lambda: slowly.stopped == ["left"], within=1.0) < 1.0


@pytest.mark.parametrize("accept", ["text/event-stream", "application/json"])
@pytest.mark.parametrize("path", ["/v1/tasks/shorten", "/tasks/shorten"])
def test_a_disconnect_before_the_first_event_stops_the_engine(
    accept: str, path: str, there: Served, slowly: Slowly
) -> None:
    slowly.before = 60
    left(there, accept, once=lambda _: slowly.working == 1, path=path)
    until(lambda: slowly.stopped == ["left"], within=1.0)
    assert slowly.working == 0


def test_a_disconnect_without_streaming_stops_the_engine(there: Served, slowly: Slowly) -> None:
    slowly.text, slowly.pause = "word " * 2_000, 0.02
    left(there, "application/json", once=lambda _: slowly.working == 1)
    until(lambda: slowly.stopped == ["left"], within=1.0)


def test_the_server_stops_while_requests_are_running(slowly: Slowly) -> None:
    slowly.before = 60
    catalog = Catalog.from_tasks(tasks_in(house))
    with (
        served(catalog, LocalTransport(catalog=catalog, only=slowly)) as there,
        closing(socket.create_connection(("127.0.0.1", there.port), timeout=5)) as connection,
    ):
        connection.sendall(
            b'POST /v1/tasks/shorten HTTP/1.1\r\nhost: localhost\r\ncontent-length: 12\r\n\r\n{"text":"x"}'
        )
        until(lambda: slowly.working == 1)
    until(lambda: slowly.working == 0)


# ── what there is ──


def test_a_task_publishes_its_schemas_and_openapi_has_all_tasks(there: Served) -> None:
    told = httpx.get(f"{there.url}/v1/tasks/turn", trust_env=False).json()
    assert told["fingerprint"] == house.turn.declaration.fingerprint
    assert told["schema"] == {"request": house.turn.schema.request, "answer": house.turn.schema.answer}
    document = httpx.get(f"{there.url}/openapi.json", trust_env=False).json()
    listed = httpx.get(f"{there.url}/v1/tasks", trust_env=False).json()["tasks"]
    assert {each["href"] for each in listed} == {path for path in document["paths"] if path.startswith("/v1/tasks/")}
    asked = document["paths"]["/v1/tasks/turn"]["post"]
    assert asked["requestBody"]["content"]["application/json"]["schema"] == house.turn.schema.request
    answer = asked["responses"]["200"]["content"]["application/json"]["schema"]["properties"]["answer"]
    assert answer == house.turn.schema.answer


# ── a client that stays and does not read ──


def stalled(there: Served, slowly: Slowly, seconds: float) -> bool:
    """Whether the work for a client that never reads is over after so many seconds."""
    body = b'{"text":"x"}'
    head = (
        f"POST /v1/tasks/shorten HTTP/1.1\r\nhost: localhost\r\naccept: text/event-stream\r\n"
        f"content-type: application/json\r\ncontent-length: {len(body)}\r\n\r\n"
    )
    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", there.port))
        connection.sendall(head.encode() + body)
        until(lambda: slowly.working == 1)
        time.sleep(seconds)
        return slowly.working == 0


def test_a_client_that_stops_reading_does_not_block_the_engine(
    there: Served, slowly: Slowly, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(security, "SEND_TIMEOUT", 0.5)
    slowly.size, slowly.text = 200_000, "word " * 4_000_000
    assert stalled(there, slowly, 2.0) and slowly.stopped == ["left"]
    assert httpx.get(f"{there.url}/healthz", trust_env=False).status_code == 200


def test_negative_control_without_the_limit_it_would_block(there: Served, slowly: Slowly) -> None:
    slowly.size, slowly.text = 200_000, "word " * 4_000_000
    assert not stalled(there, slowly, 2.0)
