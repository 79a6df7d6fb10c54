"""A call over HTTP is the same call: the same values, the same objects, the same errors in the same words."""

import asyncio
import threading
from collections.abc import Iterator
from http.server import HTTPServer, SimpleHTTPRequestHandler
from pathlib import Path
from typing import Any

import pytest

from plait import Client, Ref, engine
from plait.client.nearby import NearbyTransport
from plait.core import errors
from plait.core.calls import event_loop
from plait.core.calls.streaming import StreamedAnswer
from plait.core.calls.transport import transport
from plait.core.errors import BatchFailed, Forbidden, InvalidAnswer, PlaitError, ServerError, error_text
from plait.core.task.task import Task, task
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog, tasks_in
from plait.service.code_engines import ScriptedEngine
from tests.support import house_tasks as house
from tests.support.running_server import RunningServer, error_of, free_port, serve_catalog

KEY = "a-key-of-twenty-letters"
LAMPS = [house.Lamp(name="hall"), house.Lamp(name="desk"), house.Lamp(name="hall")]
CALLS: dict[str, tuple[Task[..., Any], dict[str, Any]]] = {
    "text": (house.shorten, {"text": "one “two” 三 four"}),
    "list": (house.words_in, {"text": "one two three"}),
    "record": (house.read_order, {"text": "nails;2;2026-03-14"}),
    "union with a Ref": (house.turn, {"wish": "desk off", "lamps": LAMPS, "level": 12.5}),
    "union without": (house.turn, {"wish": "nothing", "lamps": LAMPS}),
    "Ref": (house.pick, {"wish": "x", "lamps": LAMPS}),
}
WRONG: dict[str, tuple[Task[..., Any], dict[str, Any]]] = {
    "an answer that is refused": (house.read_order, {"text": "nails;0;2026-03-14"}),
    "no items to refer to": (house.pick, {"wish": "x", "lamps": []}),
    "an unknown wording": (house.shorten.using(wording="zh"), {"text": "x"}),
    "an unknown model": (house.shorten.using("by_cuttin"), {"text": "x"}),
}
every = pytest.mark.parametrize(("task_called", "inputs"), CALLS.values(), ids=list(CALLS))
wrong = pytest.mark.parametrize(("task_called", "inputs"), WRONG.values(), ids=list(WRONG))


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve_catalog(Catalog.from_tasks(tasks_in(house))) as running:
        yield running


@every
def test_a_call_over_http_equals_a_local_call(
    task_called: Task[..., Any], inputs: dict[str, Any], server: RunningServer
) -> None:
    here = task_called(**inputs)
    with Client(server.url):
        assert task_called(**inputs) == here
        assert asyncio.run(task_called.acall(**inputs)) == here
        assert task_called.batch([inputs, inputs]) == [here, here]


@every
def test_a_stream_over_http_equals_a_local_stream(
    task_called: Task[..., Any], inputs: dict[str, Any], server: RunningServer
) -> None:
    here, whole = list(task_called.stream(**inputs)), task_called(**inputs)
    with Client(server.url):
        answers = list(task_called.stream(**inputs))

        async def astreamed() -> list[Any]:
            return [each async for each in task_called.astream(**inputs)]

        again = asyncio.run(astreamed())
    if isinstance(answers[-1], StreamedAnswer):
        assert answers[-1].final == whole == here[-1].final == again[-1].final
        assert [each.partial for each in answers] == [each.partial for each in here]
    else:
        assert answers == here == again and (answers == whole or "".join(answers) == whole)


def test_a_ref_holds_the_same_object_that_was_passed_in(server: RunningServer) -> None:
    with Client(server.url):
        answer = house.turn("desk on", LAMPS)
        picked = house.pick("x", LAMPS[1:])
        *_, streamed = house.turn.stream("desk on", LAMPS)
    assert isinstance(answer, house.Turn) and answer.lamp.value is LAMPS[1]
    assert isinstance(picked, Ref) and picked.value is LAMPS[1]
    assert isinstance(streamed.final, house.Turn) and streamed.final.lamp.value is LAMPS[1]


@wrong
@pytest.mark.parametrize("streamed", [False, True])
def test_an_error_over_http_equals_the_local_error(
    task_called: Task[..., Any], inputs: dict[str, Any], streamed: bool, server: RunningServer
) -> None:
    def call() -> object:
        return list(task_called.stream(**inputs)) if streamed else task_called(**inputs)

    here = error_of(call)
    with Client(server.url):
        away = error_of(call)
    assert type(away) is type(here) and error_text(away) == error_text(here)
    assert away.retryable == here.retryable and away.__notes__ == here.__notes__ if here.hint else True
    assert getattr(away, "problems", ()) == getattr(here, "problems", ())
    if isinstance(here, InvalidAnswer):
        assert isinstance(away, InvalidAnswer) and away.answer == here.answer


ERRORS = [each for each in vars(errors).values() if isinstance(each, type) and issubclass(each, PlaitError)]


@pytest.mark.parametrize("kind", [each for each in ERRORS if each is not BatchFailed], ids=lambda each: each.__name__)
@pytest.mark.parametrize("streamed", [False, True])
def test_every_error_class_survives_http(kind: type[PlaitError], streamed: bool, server: RunningServer) -> None:
    expected = kind("it went wrong", hint="do this\nor that")
    server.transport.only = ScriptedEngine({"shorten": expected})
    try:
        with Client(server.url):
            error = error_of(lambda: list(house.shorten.stream("x")) if streamed else house.shorten("x"))
    finally:
        server.transport.only = None
    assert type(error) is kind and error_text(error) == error_text(expected) and error.retryable == expected.retryable


def test_a_batch_returns_answers_and_errors(server: RunningServer) -> None:
    rows = [{"text": f"nails;{pieces};2026-03-14"} for pieces in (1, 0, 3)]
    with Client(server.url), pytest.raises(BatchFailed) as failed:
        house.read_order.batch(rows)
    assert [type(each).__name__ for each in failed.value.answers] == ["Order", "NoneType", "Order"]
    assert [type(each).__name__ for each in failed.value.errors] == ["NoneType", "InvalidAnswer", "NoneType"]


def test_tasks_and_models_of_the_server_are_listed(server: RunningServer) -> None:
    cards = Client(server.url).tasks()
    assert [card.name for card in cards][:3] == ["turn", "pick", "shorten"]
    assert cards[0].fingerprint == house.turn.declaration.fingerprint
    with Client(server.url):
        assert Client().tasks() == cards


def test_clients_nest_and_reach_threads(server: RunningServer) -> None:
    outside = transport()
    with Client(server.url) as client:
        with Client(server.url) as inner:
            assert transport() is inner.transport
        assert transport() is client.transport
        seen: list[object] = []
        thread = threading.Thread(target=lambda: seen.append(transport()))
        thread.start()
        thread.join()
        assert seen == [client.transport]
    assert transport() is outside


def test_a_closed_client_can_be_used_again(server: RunningServer) -> None:
    client = Client(server.url)
    for _ in range(2):
        with client:
            assert house.shorten("one two three four") == "one two three"


# ── what stands in the way ──


def test_a_key_is_sent_and_a_missing_or_wrong_one_is_reported() -> None:
    with serve_catalog(
        Catalog.from_tasks(tasks_in(house)), rules=AccessPolicy.from_settings("127.0.0.1", (), [KEY])
    ) as locked:
        with Client(locked.url, key=KEY):
            assert house.shorten("one two three four") == "one two three"
        for key in (None, "another key"):
            with Client(locked.url, key=key):
                error = error_of(lambda: house.shorten("x"))
            assert type(error) is Forbidden
            assert error_text(error) == (
                "Forbidden: this server requires a key\n  → send the header Authorization: Bearer KEY"
            )


def test_an_unreachable_server_is_reported() -> None:
    url = f"http://127.0.0.1:{free_port()}"
    for call in (lambda: house.shorten("x"), lambda: list(house.shorten.stream("x")), lambda: Client().tasks()):
        with Client(url):
            error = error_of(call)
        assert isinstance(error, ServerError) and error.message.startswith(f"{url} does not answer: ")
        assert error.hint


def test_a_server_that_stops_between_calls_is_reported(server: RunningServer) -> None:
    with serve_catalog(Catalog.from_tasks(tasks_in(house))) as soon_gone:
        with Client(soon_gone.url):
            assert house.shorten("x") == "x"
        client = Client(soon_gone.url)
    with client:
        assert isinstance(error_of(lambda: house.shorten("x")), ServerError)


def test_another_program_on_the_port_is_reported(tmp_path: Path) -> None:
    class Quiet(SimpleHTTPRequestHandler):
        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Quiet) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            with Client(f"http://127.0.0.1:{other.server_port}"):
                error = error_of(lambda: house.shorten("x"))
        finally:
            other.shutdown()
            thread.join()
    assert isinstance(error, ServerError)
    assert (
        "something other than JSON" in error.message and error.hint == "check that a Plait server runs at this address"
    )


def test_a_server_with_another_version_of_a_task_is_reported(server: RunningServer) -> None:
    @task
    def shorten(text: str) -> int:
        """How short is {text}?"""
        ...

    with Client(server.url):
        error = error_of(lambda: shorten("one two"))
    assert isinstance(error, ServerError) and "shorten" in error.message


# ── a server of this machine ──


@pytest.fixture
def local_server(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> RunningServer:
    """The server is this machine's own `plait up`."""
    monkeypatch.setenv("PLAIT_URL", "")
    monkeypatch.setenv("PLAIT_PORT", str(server.port))
    return server


def test_a_local_server_with_the_same_task_answers(
    local_server: RunningServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("plait.toml").write_text("")  # one project for both

    @task
    def shorten(text: str) -> str:
        """Say {text} in few words."""
        ...

    assert shorten.declaration.fingerprint == house.shorten.declaration.fingerprint
    assert isinstance(transport(), NearbyTransport)
    assert shorten("one two three four") == "one two three", "its function is the server's alone"


def test_a_local_server_of_another_project_is_not_used_its_examples_are_its_own(local_server: RunningServer) -> None:
    @task
    def shorten(text: str) -> str:
        """Say {text} in few words."""
        ...

    with engine.scripted({shorten: "here"}):
        assert shorten("one two three four") == "here"
    call = shorten.call("x")
    nearby = transport()
    assert isinstance(nearby, NearbyTransport)
    assert not event_loop.run(nearby.has_same_task(call))
    assert event_loop.run(nearby.has_same_task(house.shorten.call("x")))


def test_a_changed_task_is_answered_in_process(local_server: RunningServer) -> None:
    @task
    def shorten(text: str) -> str:
        """Say {text} in very few words."""
        ...

    with engine.scripted({shorten: "here"}):
        assert shorten("one two three four") == "here"
    engine.answers(shorten)(lambda text: "by code")
    assert shorten("one two three four") == "by code"


def test_a_task_with_a_local_function_is_answered_by_it(local_server: RunningServer) -> None:
    @task
    def shorten(text: str) -> str:
        """Say {text} in few words."""
        ...

    engine.answers(shorten)(lambda text: "by my code")
    assert shorten("one two three four") == "by my code"


def test_a_server_named_by_its_url_answers_every_call(server: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_URL", server.url)

    @task
    def shorten(text: str) -> str:
        """Say {text} in other words."""
        ...

    assert shorten("one two three four") == "one two three"


def test_without_a_local_server_a_call_is_answered_in_process(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLAIT_URL", "")
    monkeypatch.setenv("PLAIT_PORT", str(free_port()))
    assert house.shorten("one two three four") == "one two three"
