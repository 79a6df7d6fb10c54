"""A conversation through a server is the one in this process: the same pieces, the same errors."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest

from plait import Client
from plait.core.calls.event_loop import iterate
from plait.core.calls.transport import current_transport
from plait.core.engine.chat import ChatEngine
from plait.core.engine.conversation import Conversation, SamplingOptions
from plait.core.errors import EngineDied, Forbidden, InputError, ModelNotFound, ServerError, error_text
from plait.core.grammar.ast import Choice, Integer, Literal, Object, Text
from plait.core.prompting.prompt import Message
from plait.core.values.data_url import ImageContent
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.running_server import Served, Shell, raised, served, until
from tests.support.scripted_chat_model import SMALLEST, Talker

KEY = "a-key-of-twenty-letters"
HELLO = [{"role": "user", "content": "Hello"}]


@pytest.fixture
def talker() -> Talker:
    return Talker()


@pytest.fixture
def there(talker: Talker) -> Iterator[Served]:
    with served(Catalog(()), LocalTransport(only=ChatEngine(talker))) as running:
        yield running


@pytest.fixture
def here(talker: Talker) -> Iterator[None]:
    token = current_transport.set(LocalTransport(only=ChatEngine(talker)))
    yield
    current_transport.reset(token)


def test_an_answer_over_http_equals_a_local_one(there: Served, here: None, talker: Talker) -> None:
    chosen: dict[str, Any] = {"max_tokens": 9, "temperature": 0.5, "top_p": 0.9, "seed": 3, "stop": ["seven"]}
    near = list(Client().chat(HELLO, **chosen))
    far = list(Client(there.url).chat(HELLO, **chosen))
    assert near == far and "".join(far) == "one two three four five six "
    assert talker.samplings[0] == talker.samplings[1] and talker.samplings[0].stop == ("seven",)
    assert talker.prompts == [(Message("user", "Hello"),)] * 2


def test_pictures_grammar_and_finish_reason_survive_http(there: Served, talker: Talker) -> None:
    talker.accepts, talker.finish_reason = frozenset({"image"}), "length"
    picture = ImageContent("image/png", SMALLEST)
    said = (Message("system", "Look."), Message("user", "What is this?", (picture,)))
    held = Object((("what", Text(1, 9)), ("count", Choice((Integer(1, 5), Literal("many"))))))
    with Client(there.url) as client:
        *pieces, end = list(iterate(client.transport.chat(Conversation(said, "talker", SamplingOptions(seed=1), held))))
    assert "".join(piece.text for piece in pieces) == talker.text  # type: ignore[union-attr]
    assert vars(end) == {"usage": end.usage, "reason": "length"}  # type: ignore[union-attr]
    assert (end.usage.prompt_tokens, end.usage.answer_tokens) == (7, 11)  # type: ignore[union-attr]
    assert talker.grammars == [held] and talker.prompts[0][1].content == "What is this?"
    assert [each.media_type for each in talker.prompts[0][1].images] == ["image/png"]


def test_closing_the_stream_stops_the_engine(there: Served, talker: Talker) -> None:
    talker.text, talker.pause = "word " * 2_000, 0.02
    said = Client(there.url).chat(HELLO)
    assert next(said)
    said.close()  # type: ignore[attr-defined]
    until(lambda: talker.stopped == ["left"], within=2.0)


@pytest.mark.parametrize(
    ("chosen", "kind"),
    [({"model": "gpt-4"}, ModelNotFound), ({"timeout": 0.1}, None), ({"model": ""}, ModelNotFound)],
)
def test_an_error_over_http_equals_the_local_error(
    chosen: dict[str, Any], kind: type | None, there: Served, here: None, talker: Talker
) -> None:
    talker.before = 1.0 if kind is None else 0
    near = raised(lambda: list(Client().chat(HELLO, **chosen)))
    far = raised(lambda: list(Client(there.url).chat(HELLO, **chosen)))
    assert type(near) is type(far) and error_text(near) == error_text(far) and (kind is None or type(far) is kind)


def test_an_error_in_a_stream_comes_after_the_text_so_far(there: Served, talker: Talker) -> None:
    talker.breaks = EngineDied("it ended", hint="ask again")
    heard: list[str] = []

    def listen() -> None:
        for each in Client(there.url).chat(HELLO):
            heard.append(each)

    error = raised(listen)
    assert type(error) is EngineDied and error.retryable and talker.text.startswith("".join(heard)) and heard


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
    error = raised(lambda: Client().chat(messages, **chosen))
    assert isinstance(error, InputError) and error.problems[0].path == place


def test_a_picture_for_a_text_only_model_is_refused(there: Served, here: None) -> None:
    url = {"url": "data:image/png;base64,eA=="}
    messages = [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}]
    near = raised(lambda: list(Client().chat(messages)))
    far = raised(lambda: list(Client(there.url).chat(messages)))
    assert error_text(near) == error_text(far) and "talker reads only text" in error_text(far)


def test_a_key_is_sent_and_a_missing_one_is_reported(talker: Talker) -> None:
    rules = AccessPolicy.from_settings("127.0.0.1", (), [KEY])
    with served(Catalog(()), LocalTransport(only=ChatEngine(talker)), rules) as locked:
        assert "".join(Client(locked.url, key=KEY).chat(HELLO)) == talker.text
        assert type(raised(lambda: list(Client(locked.url).chat(HELLO)))) is Forbidden


def test_a_local_server_chats(there: Served, monkeypatch: pytest.MonkeyPatch, talker: Talker) -> None:
    monkeypatch.setenv("PLAIT_URL", "")
    monkeypatch.setenv("PLAIT_PORT", str(there.port))
    assert "".join(Client().chat(HELLO, model="talker")) == talker.text


def test_plait_chat_uses_the_local_server(
    there: Served, talker: Talker, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PLAIT_URL", there.url)
    lines = iter(["Hello", "And then?"])

    def typed(_: str) -> str:
        try:
            return next(lines)
        except StopIteration:
            raise EOFError from None

    monkeypatch.setattr("builtins.input", typed)
    told = Shell(monkeypatch, capsys)("chat", "--seed", "3")
    assert told.code == 0 and told.out == f"{talker.text}\n{talker.text}\n"
    assert [message.role for message in talker.prompts[1]] == ["system", "user", "assistant", "user"]
    assert talker.samplings[0].seed == 3


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
            error = raised(lambda: list(Client(f"http://127.0.0.1:{other.server_port}").chat(HELLO)))
        finally:
            other.shutdown()
            thread.join()
    assert type(error) is ServerError
