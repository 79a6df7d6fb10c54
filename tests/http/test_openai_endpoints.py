"""OpenAI's own client asks Plait as it asks OpenAI: the same objects, the same errors."""

import json
import socket
from collections.abc import Iterator
from contextlib import closing
from typing import Any, Literal

import httpx
import openai
import pytest
from openai import OpenAI
from pydantic import BaseModel, Field

from plait.core.engine.chat import ChatEngine
from plait.core.errors import EngineBusy, EngineDied
from plait.core.prompting.prompt import Message
from plait.core.values.data_url import ImageContent, data_url
from plait.http.security import AccessPolicy
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.running_server import RunningServer, needs_model, serve_catalog, wait_until
from tests.support.scripted_chat_model import SMALLEST, ChatOnlyModel, ScriptedChatModel

KEY = "a-key-of-twenty-letters"
HELLO: Any = [{"role": "user", "content": "Hello"}]


class Order(BaseModel):
    what: str = Field(max_length=40)
    pieces: int = Field(ge=1, le=100)
    size: Literal["small", "large"]
    note: str | None = Field(None, max_length=20)


@pytest.fixture
def chat_model() -> ScriptedChatModel:
    return ScriptedChatModel()


@pytest.fixture
def server(chat_model: ScriptedChatModel) -> Iterator[RunningServer]:
    with serve_catalog(Catalog(()), LocalTransport(only=ChatEngine(chat_model))) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[OpenAI]:
    with client_of(server.url) as openai_client:
        yield openai_client


def client_of(url: str, key: str = "none") -> OpenAI:
    return OpenAI(base_url=f"{url}/v1", api_key=key, max_retries=0)


@pytest.fixture(scope="module")
def embedded() -> Iterator[OpenAI]:
    with serve_catalog(Catalog(())) as running, client_of(running.url) as openai_client:
        yield openai_client


# ── answers ──


def test_chat_models_are_listed(client: OpenAI) -> None:
    models = client.models.list().data
    assert models[0].id == "talker" and models[0].object == "model"
    assert client.models.retrieve("talker").id == "talker"


def test_an_answer_is_returned_without_streaming(client: OpenAI, chat_model: ScriptedChatModel) -> None:
    answer = client.chat.completions.create(model="talker", messages=HELLO)
    (choice,) = answer.choices
    assert (choice.message.role, choice.message.content, choice.finish_reason) == ("assistant", chat_model.text, "stop")
    assert answer.usage and (answer.usage.prompt_tokens, answer.usage.completion_tokens) == (7, 11)
    assert answer.usage.total_tokens == 18 and answer.model == "talker" and answer.object == "chat.completion"
    assert chat_model.prompts == [(Message("user", "Hello"),)]


def test_an_answer_is_streamed_in_deltas(client: OpenAI, chat_model: ScriptedChatModel) -> None:
    chunks = list(client.chat.completions.create(model="talker", messages=HELLO, stream=True))
    first, *pieces, last = [each.choices[0] for each in chunks]
    assert first.delta.role == "assistant" and first.delta.content == ""
    assert len(pieces) > 5 and "".join(each.delta.content or "" for each in pieces) == chat_model.text
    assert [each.finish_reason for each in (first, *pieces, last)] == [None] * (len(chunks) - 1) + ["stop"]
    assert len({each.id for each in chunks}) == 1 and all(each.usage is None for each in chunks)


def test_usage_ends_a_stream_if_requested(client: OpenAI) -> None:
    options: Any = {"include_usage": True}
    chunks = list(client.chat.completions.create(model="talker", messages=HELLO, stream=True, stream_options=options))
    assert chunks[-1].choices == [] and chunks[-1].usage and chunks[-1].usage.total_tokens == 18
    assert all(each.usage is None for each in chunks[:-1])


def test_a_stream_ends_like_that_of_openai(server: RunningServer) -> None:
    text = httpx.post(f"{server.url}/v1/chat/completions", json={"messages": HELLO, "stream": True}, trust_env=False)
    assert text.headers["content-type"].startswith("text/event-stream")
    events = text.text.split("\n\n")
    assert events[-2:] == ["data: [DONE]", ""] and all(each.startswith("data: ") for each in events[:-1])


def test_every_answer_has_a_unique_id(client: OpenAI) -> None:
    ids = [client.chat.completions.create(model="talker", messages=HELLO).id for _ in range(20)]
    assert len(set(ids)) == 20


def test_a_truncated_answer_has_finish_reason_length(client: OpenAI, chat_model: ScriptedChatModel) -> None:
    chat_model.finish_reason = "length"
    assert client.chat.completions.create(model="talker", messages=HELLO).choices[0].finish_reason == "length"
    streamed = list(client.chat.completions.create(model="talker", messages=HELLO, stream=True))
    assert streamed[-1].choices[0].finish_reason == "length"


def test_sampling_parameters_reach_the_model(client: OpenAI, chat_model: ScriptedChatModel) -> None:
    client.chat.completions.create(
        model="talker", messages=HELLO, max_completion_tokens=9, temperature=0.5, top_p=0.9, seed=3, stop=["x", "y"]
    )
    (sampling,) = chat_model.samplings
    assert (sampling.max_tokens, sampling.temperature, sampling.top_p, sampling.seed) == (9, 0.5, 0.9, 3)
    assert sampling.stop == ("x", "y")


def test_content_parts_become_text_and_pictures(client: OpenAI, chat_model: ScriptedChatModel) -> None:
    chat_model.accepts = frozenset({"image"})
    parts = [
        {"type": "text", "text": "What"},
        {"type": "image_url", "image_url": {"url": data_url(ImageContent("image/png", SMALLEST)), "detail": "auto"}},
        {"type": "text", "text": "is this?"},
    ]
    messages: Any = [{"role": "system", "content": "Look."}, {"role": "user", "content": parts}]
    client.chat.completions.create(model="talker", messages=messages)
    (system, user) = chat_model.prompts[0]
    assert system == Message("system", "Look.") and user.content == "What\nis this?"
    assert [picture.media_type for picture in user.images] == ["image/png"]


@pytest.mark.parametrize("size", [1, 3, 100])
def test_a_stop_split_across_deltas_ends_the_answer_and_does_not_leak(
    size: int, client: OpenAI, chat_model: ScriptedChatModel
) -> None:
    chat_model.text, chat_model.size = "one two STOP three STO four", size
    chunks = list(client.chat.completions.create(model="talker", messages=HELLO, stop="STOP", stream=True))
    assert "".join(each.choices[0].delta.content or "" for each in chunks) == "one two "
    assert chunks[-1].choices[0].finish_reason == "stop"
    wait_until(lambda: chat_model.working == 0)
    whole = client.chat.completions.create(model="talker", messages=HELLO, stop=["STOX", "four"])
    assert whole.choices[0].message.content == "one two STOP three STO "


def test_an_answer_can_be_constrained_by_a_pydantic_model(client: OpenAI, chat_model: ScriptedChatModel) -> None:
    chat_model.text = '{"what":"nails","pieces":2,"size":"large","note":null}'
    parsed = client.chat.completions.parse(model="talker", messages=HELLO, response_format=Order)
    assert parsed.choices[0].message.parsed == Order(what="nails", pieces=2, size="large", note=None)
    (grammar,) = chat_model.grammars
    assert grammar is not None


def test_a_raw_prompt_is_continued(client: OpenAI, chat_model: ScriptedChatModel) -> None:
    answer = client.completions.create(model="talker", prompt="Once upon", max_tokens=5, stop="seven")
    assert chat_model.raw == ["Once upon"] and answer.object == "text_completion"
    assert answer.choices[0].text == "one two three four five six " and answer.choices[0].finish_reason == "stop"
    streamed = client.completions.create(model="talker", prompt="Once upon", stream=True)
    assert "".join(each.choices[0].text for each in streamed) == chat_model.text


# ── what goes wrong ──


def test_an_unknown_model_is_not_found(client: OpenAI) -> None:
    with pytest.raises(openai.NotFoundError, match="no model is called 'gpt-4'") as caught:
        client.chat.completions.create(model="gpt-4", messages=HELLO)
    assert caught.value.code == "model_not_found" and "talker" in caught.value.body["hint"]  # type: ignore[index]
    with pytest.raises(openai.NotFoundError):
        client.models.retrieve("gpt-4")


def test_a_key_is_required(chat_model: ScriptedChatModel) -> None:
    rules = AccessPolicy.from_settings("127.0.0.1", (), [KEY])
    with serve_catalog(Catalog(()), LocalTransport(only=ChatEngine(chat_model)), rules) as locked:
        with client_of(locked.url, KEY) as client:
            assert client.chat.completions.create(model="talker", messages=HELLO).choices
        for path in ("models", "chat/completions", "completions"):
            assert httpx.request("GET", f"{locked.url}/v1/{path}", trust_env=False).status_code == 401
        with client_of(locked.url, "another") as client, pytest.raises(openai.AuthenticationError) as caught:
            client.chat.completions.create(model="talker", messages=HELLO)
    assert caught.value.code == "invalid_api_key"


def test_a_page_of_a_foreign_origin_may_not_chat(server: RunningServer) -> None:
    headers = {"origin": "http://evil.example"}
    url = f"{server.url}/v1/chat/completions"
    assert httpx.post(url, json={"messages": HELLO}, headers=headers, trust_env=False).status_code == 403


@pytest.mark.parametrize("stream", [False, True])
def test_an_error_before_the_first_token_has_an_http_status(
    stream: bool, client: OpenAI, chat_model: ScriptedChatModel
) -> None:
    chat_model.refuses = EngineBusy("64 calls are waiting already", hint="try again in a moment")
    with pytest.raises(openai.InternalServerError) as caught:
        client.chat.completions.create(model="talker", messages=HELLO, stream=stream)
    assert caught.value.status_code == 503 and caught.value.response.headers["retry-after"]
    assert caught.value.code == "rate_limit_exceeded"


def test_an_error_after_the_first_token_is_an_event(client: OpenAI, chat_model: ScriptedChatModel) -> None:
    chat_model.breaks = EngineDied("it ended", hint="ask again")
    received = ""
    with pytest.raises(openai.APIError, match="it ended"):
        for each in client.chat.completions.create(model="talker", messages=HELLO, stream=True):
            received += each.choices[0].delta.content or ""
    assert received and chat_model.text.startswith(received) and received != chat_model.text


def test_an_answer_respects_the_timeout(server: RunningServer, chat_model: ScriptedChatModel) -> None:
    chat_model.before = 60
    url = f"{server.url}/v1/chat/completions?timeout=0.2"
    response = httpx.post(url, json={"messages": HELLO}, trust_env=False)
    assert response.status_code == 504 and response.json()["error"]["type"] == "TimedOut"
    wait_until(lambda: chat_model.stopped == ["left"])


@pytest.mark.parametrize("body", [{"messages": HELLO, "stream": True}, {"messages": HELLO}])
@pytest.mark.parametrize("path", ["/v1/chat/completions", "/v1/completions"])
def test_a_disconnected_client_stops_the_engine(
    path: str, body: dict[str, Any], server: RunningServer, chat_model: ScriptedChatModel
) -> None:
    chat_model.text, chat_model.pause = "word " * 2_000, 0.02
    if path == "/v1/completions":
        body = {"prompt": "Hello", "stream": "stream" in body}
    sent = json.dumps(body).encode()
    head = f"POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-length: {len(sent)}\r\n\r\n"
    with closing(socket.create_connection(("127.0.0.1", server.port), timeout=5)) as connection:
        connection.sendall(head.encode() + sent)
        wait_until(lambda: chat_model.working == 1)
    wait_until(lambda: chat_model.stopped == ["left"], within=20)


def test_a_chat_model_does_not_complete_raw_text() -> None:
    with (
        serve_catalog(Catalog(()), LocalTransport(only=ChatEngine(ChatOnlyModel()))) as server,
        client_of(server.url) as client,
    ):
        with pytest.raises(openai.BadRequestError, match="supports chat only") as caught:
            client.completions.create(model="talker", prompt="Once upon")
    assert caught.value.param == "model"


# ── the embedded model ──


@needs_model
@pytest.mark.model
def test_the_same_seed_gives_the_same_answer(embedded: OpenAI) -> None:
    answers = [
        embedded.chat.completions.create(model="smollm2", messages=HELLO, seed=seed, max_tokens=16, temperature=1.0)
        for seed in (1, 1, 2)
    ]
    one, same, other = [each.choices[0].message.content for each in answers]
    assert one == same != other
    assert (
        answers[0].usage
        and answers[0].usage.completion_tokens == 16
        and answers[0].choices[0].finish_reason == "length"
    )


@needs_model
@pytest.mark.model
def test_the_model_stops_at_a_stop_sequence(embedded: OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "Count from one to ten in digits, with commas between."}]
    free = embedded.chat.completions.create(model="smollm2", messages=messages, temperature=0, max_tokens=40)
    text = free.choices[0].message.content or ""
    stop = text[len(text) // 3 :][:7]
    chunks = list(
        embedded.chat.completions.create(
            model="smollm2", messages=messages, temperature=0, max_tokens=40, stop=[stop], stream=True
        )
    )
    assert "".join(each.choices[0].delta.content or "" for each in chunks) == text.partition(stop)[0]
    assert chunks[-1].choices[0].finish_reason == "stop"


@needs_model
@pytest.mark.model
def test_the_model_is_constrained_by_a_schema(embedded: OpenAI) -> None:
    messages: Any = [{"role": "user", "content": "Order two large boxes of nails, as JSON."}]
    parsed = embedded.chat.completions.parse(
        model="smollm2", messages=messages, response_format=Order, max_tokens=200, seed=1
    )
    assert isinstance(parsed.choices[0].message.parsed, Order)
    stream = embedded.chat.completions.stream(model="smollm2", messages=messages, response_format=Order, seed=1)
    with stream as events:
        assert isinstance(events.get_final_completion().choices[0].message.parsed, Order)


@needs_model
@pytest.mark.model
def test_the_model_completes_raw_text_and_control_tokens_in_it_are_control_tokens(embedded: OpenAI) -> None:
    answer = embedded.completions.create(
        model="smollm2", prompt="The capital of France is", max_tokens=4, temperature=0
    )
    assert "Paris" in answer.choices[0].text and answer.usage and answer.usage.prompt_tokens == 5
    chat = "<|im_start|>user\nHello<|im_end|>\n<|im_start|>assistant\n"
    completion = embedded.completions.create(model="smollm2", prompt=chat, max_tokens=4)
    as_text = embedded.chat.completions.create(
        model="smollm2", messages=[{"role": "user", "content": chat}], max_tokens=4
    )
    assert completion.usage and as_text.usage and completion.usage.prompt_tokens + 20 < as_text.usage.prompt_tokens
