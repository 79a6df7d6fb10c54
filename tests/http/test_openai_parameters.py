"""Every parameter of OpenAI's is honoured, takes what changes nothing, or is refused by its name; none is ignored."""

import inspect
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from openai.resources.chat.completions import Completions as ChatCompletions
from openai.resources.completions import Completions

from plait.core.engine.chat import ChatEngine
from plait.core.values.data_url import ImageContent, data_url
from plait.http.openai.requests import CreateChatCompletionRequest, CreateCompletionRequest
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport
from tests.support.running_server import RunningServer, serve_catalog
from tests.support.scripted_chat_model import SMALLEST, ScriptedChatModel

CHAT, TEXT = "/v1/chat/completions", "/v1/completions"
TOOL = {"type": "function", "function": {"name": "f", "parameters": {}}}
SCHEMA = {"type": "object", "properties": {"a": {"type": "null"}}}
NAMED = {"type": "json_schema", "json_schema": {"name": "x", "schema": SCHEMA}}


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve_catalog(Catalog(()), LocalTransport(only=ChatEngine(ScriptedChatModel()))) as running:
        yield running


def post_json(server: RunningServer, path: str, body: dict[str, Any]) -> httpx.Response:
    usual = {"messages": [{"role": "user", "content": "x"}]} if path == CHAT else {"prompt": "x"}
    return httpx.post(f"{server.url}{path}", json={**usual, **body}, trust_env=False)


CHANGES_NOTHING: list[tuple[str, dict[str, Any]]] = [
    *((path, {name: None}) for path in (CHAT, TEXT) for name in ("model", "n", "seed", "stop", "user", "logit_bias")),
    *((path, {"n": 1, "presence_penalty": 0, "frequency_penalty": 0.0, "logit_bias": {}}) for path in (CHAT, TEXT)),
    (CHAT, {"user": "ada", "metadata": {"a": "b"}, "store": False, "service_tier": "auto"}),
    (CHAT, {"safety_identifier": "x", "prompt_cache_key": "x", "modalities": ["text"], "verbosity": "medium"}),
    (CHAT, {"tools": [], "tool_choice": "none", "functions": [], "parallel_tool_calls": True}),
    (CHAT, {"logprobs": False, "top_logprobs": 0, "response_format": {"type": "text"}}),
    (CHAT, {"stream": False, "stop": []}),
    (CHAT, {"response_format": NAMED}),
    (TEXT, {"best_of": 1, "echo": False, "suffix": None, "logprobs": None}),
]


@pytest.mark.parametrize(
    ("path", "body"), CHANGES_NOTHING, ids=lambda each: ",".join(each) if isinstance(each, dict) else None
)
def test_parameters_without_effect_are_accepted(path: str, body: dict[str, Any], server: RunningServer) -> None:
    response = post_json(server, path, body)
    assert response.status_code == 200, response.text


REFUSED: list[tuple[str, dict[str, Any], str]] = [
    *((path, {"n": 2}, "n") for path in (CHAT, TEXT)),
    *((path, {"presence_penalty": 0.5}, "presence_penalty") for path in (CHAT, TEXT)),
    *((path, {"frequency_penalty": -1}, "frequency_penalty") for path in (CHAT, TEXT)),
    *((path, {"logit_bias": {"50256": -100}}, "logit_bias") for path in (CHAT, TEXT)),
    *((path, {"stream_options": {"include_usage": True}}, "stream_options") for path in (CHAT, TEXT)),
    (CHAT, {"tools": [TOOL]}, "tools"),
    (CHAT, {"tool_choice": {"type": "function"}}, "tool_choice"),
    (CHAT, {"functions": [{}]}, "functions"),
    (CHAT, {"function_call": "x"}, "function_call"),
    (CHAT, {"logprobs": True}, "logprobs"),
    (CHAT, {"top_logprobs": 2}, "top_logprobs"),
    (CHAT, {"store": True}, "store"),
    (CHAT, {"service_tier": "priority"}, "service_tier"),
    (CHAT, {"modalities": ["text", "audio"]}, "modalities"),
    (CHAT, {"audio": {"voice": "x"}}, "audio"),
    (CHAT, {"prediction": {"type": "content"}}, "prediction"),
    (CHAT, {"reasoning_effort": "high"}, "reasoning_effort"),
    (CHAT, {"verbosity": "low"}, "verbosity"),
    (CHAT, {"web_search_options": {}}, "web_search_options"),
    (CHAT, {"max_tokens": 5, "max_completion_tokens": 5}, "max_completion_tokens"),
    (CHAT, {"response_format": {"type": "json_object"}}, "response_format"),
    (CHAT, {"response_format": {"type": "json_schema"}}, "response_format.json_schema"),
    (CHAT, {"stream": True, "stream_options": {"include_obfuscation": True}}, "stream_options.include_obfuscation"),
    (TEXT, {"prompt": ["a", "b"]}, "prompt"),
    (TEXT, {"prompt": [1, 2]}, "prompt"),
    (TEXT, {"best_of": 2}, "best_of"),
    (TEXT, {"echo": True}, "echo"),
    (TEXT, {"suffix": "x"}, "suffix"),
    (TEXT, {"logprobs": 5}, "logprobs"),
]


@pytest.mark.parametrize(("path", "body", "name"), REFUSED, ids=lambda each: "" if isinstance(each, dict) else None)
def test_unsupported_parameters_are_refused_by_name(
    path: str, body: dict[str, Any], name: str, server: RunningServer
) -> None:
    response = post_json(server, path, body)
    error = response.json()["error"]
    assert response.status_code == 400 and error["param"] == name and name in error["message"], error
    assert error["problems"][0]["path"] == name


def test_every_parameter_of_the_openai_client_is_known() -> None:
    """Its own signature is the list: what is new there is refused as not honoured, never as a typing mistake."""
    ours = {"self", "extra_headers", "extra_query", "extra_body", "timeout"}
    for method, request in (
        (ChatCompletions.create, CreateChatCompletionRequest),
        (Completions.create, CreateCompletionRequest),
    ):
        theirs = set(inspect.signature(method).parameters) - ours
        assert len(theirs) > 10 and theirs - set(request.model_fields) == set()


def test_a_query_may_only_contain_the_timeout(server: RunningServer) -> None:
    response = httpx.post(f"{server.url}{CHAT}?seed=1", json={"messages": []}, trust_env=False)
    assert response.status_code == 400 and response.json()["error"]["param"] in ("seed", "messages")


@pytest.mark.parametrize("body", [b"", b"{", b"[1]", b"5", b"null", b'"x"', b"\xff", b"[" * 100_000])
def test_an_invalid_body_is_refused(body: bytes, server: RunningServer) -> None:
    for path in (CHAT, TEXT):
        response = httpx.post(f"{server.url}{path}", content=body, trust_env=False)
        assert response.status_code == 400 and response.json()["error"]["message"]


def test_an_invalid_picture_is_refused_by_a_vision_model() -> None:
    def body(content: bytes) -> dict[str, Any]:
        url = {"url": data_url(ImageContent("image/png", content))}
        return {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": url}]}]}

    with serve_catalog(
        Catalog(()), LocalTransport(only=ChatEngine(ScriptedChatModel(accepts=frozenset({"image"}))))
    ) as seeing:
        assert post_json(seeing, CHAT, body(SMALLEST)).status_code == 200
        for wrong in (b"no picture", b"<svg xmlns='x'/>", SMALLEST[:30]):
            response = post_json(seeing, CHAT, body(wrong))
            assert response.status_code == 400 and response.json()["error"]["param"] == "messages.0.content"
