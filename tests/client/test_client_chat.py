"""A conversation through a server is the one in this process: the same pieces, the same errors."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from plait import Client
from plait.core.calls.event_loop import iterate
from plait.core.calls.scope import use_transport
from plait.core.engine.chat import ChatEngine
from plait.core.engine.conversation import Conversation, SamplingOptions
from plait.core.errors import EngineDied, Forbidden, InputError, ModelNotFound, ServerError, error_text
from plait.core.grammar.ast import Choice, Integer, Literal, Object, Text
from plait.core.prompting.prompt import Message
from plait.core.values.data_url import ImageContent
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.running_server import RunningServer, Shell, error_of, serve_catalog, wait_until
from tests.support.scripted_chat_model import SMALLEST, ScriptedChatModel

KEY = "a-key-of-twenty-letters"
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture
def chat_model() -> ScriptedChatModel:
    return ScriptedChatModel()


@pytest.fixture
def server(chat_model: ScriptedChatModel) -> Iterator[RunningServer]:
    with serve_catalog(Catalog(()), LocalTransport(only=ChatEngine(chat_model))) as running:
        yield running


@pytest.fixture
def here(chat_model: ScriptedChatModel) -> Iterator[None]:
    with use_transport(LocalTransport(only=ChatEngine(chat_model))):
        yield


def test_an_answer_over_http_equals_a_local_one(
    server: RunningServer, here: None, chat_model: ScriptedChatModel
) -> None:
    chosen: dict[str, Any] = {"max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "seed": 3, "stop": ["seven"]}
    near = list(Client().chat(HELLO, **chosen))
    far = list(Client(server.url).chat(HELLO, **chosen))
    assert near == far and "".join(far) == "one two three four five six "
    assert chat_model.samplings[0] == chat_model.samplings[1] and chat_model.samplings[0].stop == ("seven",)
    assert chat_model.prompts == [(Message("user", "Hello"),)] * 2


def test_pictures_grammar_and_finish_reason_survive_http(server: RunningServer, chat_model: ScriptedChatModel) -> None:
    chat_model.accepts, chat_model.finish_reason = frozenset({"image"}), "length"
    picture = ImageContent("image/png", SMALLEST)
    messages = (Message("system", "Look."), Message("user", "What is this?", (picture,)))
    grammar = Object((("what", Text(1, 9)), ("count", Choice((Integer(1, 5), Literal("many"))))))
    with Client(server.url) as client:
        *pieces, end = list(
            iterate(client.transport.chat(Conversation(messages, "talker", SamplingOptions(seed=1), grammar)))
        )
    assert "".join(piece.text for piece in pieces) == chat_model.text  # type: ignore[union-attr]
    assert vars(end) == {"usage": end.usage, "reason": "length"}  # type: ignore[union-attr]
    assert (end.usage.prompt_tokens, end.usage.answer_tokens) == (7, 11)  # type: ignore[union-attr]
    assert chat_model.grammars == [grammar] and chat_model.prompts[0][1].content == "What is this?"
    assert [each.media_type for each in chat_model.prompts[0][1].images] == ["image/png"]


def test_closing_the_stream_stops_the_engine(server: RunningServer, chat_model: ScriptedChatModel) -> None:
    chat_model.text, chat_model.pause = "word " * 2_000, 0.02
    stream = Client(server.url).chat(HELLO)
    assert next(stream)
    stream.close()  # type: ignore[attr-defined]
    wait_until(lambda: chat_model.stopped == ["left"], within=20)


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [({"model": "gpt-4"}, ModelNotFound), ({"timeout": 0.1}, None), ({"model": ""}, ModelNotFound)],
)
def test_an_error_over_http_equals_the_local_error(
    chosen: dict[str, Any], kind: type | None, server: RunningServer, here: None, chat_model: ScriptedChatModel
) -> None:
    chat_model.before = 1.0 if kind is None else 0
    near = error_of(lambda: list(Client().chat(HELLO, **chosen)))
    far = error_of(lambda: list(Client(server.url).chat(HELLO, **chosen)))
    assert type(near) is type(far) and error_text(near) == error_text(far) and (kind is None or type(far) is kind)


def test_an_error_in_a_stream_comes_after_the_text_so_far(server: RunningServer, chat_model: ScriptedChatModel) -> None:
    chat_model.breaks = EngineDied("it ended", hint="ask again")
    received: list[str] = []

    def listen() -> None:
        for each in Client(server.url).chat(HELLO):
            received.append(each)

    error = error_of(listen)
    assert type(error) is EngineDied and error.retryable and chat_model.text.startswith("".join(received)) and received


@pytest.mark.parametrize(
    ("messages", "chosen", "place"),
    [
        ([], {}, "messages"),
        ([{"role": "user"}], {}, "messages.0.content"),
        ([{"role": "user", "content": "x", "name": "Ada"}], {}, "messages.0.name"),
        (HELLO, {"temperature": 9}, "temperature"),
        (HELLO, {"stop": ""}, "stop"),
        (HELLO, {"timeout": -1}, "timeout"),
    ],
)
def test_an_invalid_conversation_is_refused_before_it_is_sent(
    messages: Any, chosen: Any, place: str, here: None
) -> None:
    error = error_of(lambda: Client().chat(messages, **chosen))
    assert isinstance(error, InputError) and error.problems[0].path == place


def test_a_picture_for_a_text_only_model_is_refused(server: RunningServer, here: None) -> None:
    url = {"url": "data:image/png;base64,eA=="}
    messages = [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}]
    near = error_of(lambda: list(Client().chat(messages)))
    far = error_of(lambda: list(Client(server.url).chat(messages)))
    assert error_text(near) == error_text(far) and "talker reads only text" in error_text(far)


def test_a_key_is_sent_and_a_missing_one_is_reported(chat_model: ScriptedChatModel) -> None:
    rules = AccessPolicy.from_settings("127.0.0.1", (), [KEY])
    with serve_catalog(Catalog(()), LocalTransport(only=ChatEngine(chat_model)), rules) as locked:
        assert "".join(Client(locked.url, key=KEY).chat(HELLO)) == chat_model.text
        assert type(error_of(lambda: list(Client(locked.url).chat(HELLO)))) is Forbidden


def test_a_local_server_chats(
    server: RunningServer, monkeypatch: pytest.MonkeyPatch, chat_model: ScriptedChatModel
) -> None:
    monkeypatch.setenv("PLAIT_URL", "")
    monkeypatch.setenv("PLAIT_PORT", str(server.port))
    assert "".join(Client().chat(HELLO, model="talker")) == chat_model.text


def test_plait_chat_uses_the_local_server(
    server: RunningServer,
    chat_model: ScriptedChatModel,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("PLAIT_URL", server.url)
    lines = iter(["Hello", "And then?"])

    def typed(_: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    result = Shell(monkeypatch, capsys)("chat", "--seed", "3")
    assert result.code == 0 and result.out == f"{chat_model.text}\n{chat_model.text}\n"
    assert [message.role for message in chat_model.prompts[1]] == ["system", "user", "assistant", "user"]
    assert chat_model.samplings[0].seed == 3


CHUNK = 'data: {"choices": [{"index": 0, "delta": {"content": "x"}, "finish_reason": null}]}\n\n'
BROKEN = {
    "it ends in the middle": CHUNK,
    "it is done before its end": f"{CHUNK}data: [DONE]\n\n",
    "no JSON": "data: {\n\n",
    "another object": 'data: {"x": 1}\n\n',
    "no object": "data: 5\n\n",
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=list(BROKEN))
def test_an_invalid_stream_is_reported(body: str) -> None:
    class Broken(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, format: str, *args: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Broken) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        try:
            error = error_of(lambda: list(Client(f"http://127.0.0.1:{other.server_port}").chat(HELLO)))
        finally:
            other.shutdown()
            thread.join()
    assert type(error) is ServerError
