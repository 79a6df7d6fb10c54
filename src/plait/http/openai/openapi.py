"""OpenAI's endpoints in the OpenAPI document: what they take is read from the very classes that read it."""

from typing import Any

from plait.core.values.strict import Strict
from plait.http.openai.chat import ChatRequest
from plait.http.openai.completion import CompletionRequest
from plait.http.task_summary import SECONDS, json

FAILURES = {
    "400": "What cannot be taken, or is not honoured; `param` names it",
    "403": "A foreign host or origin",
    "404": "No such model",
    "413": "Too large a request",
    "502": "The engine failed",
    "503": "Busy, or the engine is starting anew; ask again",
    "504": "No answer in time",
}
TIMEOUT = {"name": "timeout", "in": "query", "schema": SECONDS}
REF = "#/components/schemas/{model}"
MODEL: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "object": {"const": "model"},
        "created": {"type": "integer"},
        "owned_by": {"type": "string"},
    },
    "required": ["id", "object", "created", "owned_by"],
}
ANSWER: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "object": {"type": "string"},
        "created": {"type": "integer"},
        "model": {"type": "string"},
        "choices": {"type": "array", "items": {"type": "object"}, "minItems": 1, "maxItems": 1},
        "usage": {"type": "object", "additionalProperties": {"type": "integer"}},
    },
    "required": ["id", "object", "created", "model", "choices", "usage"],
}


def paths() -> dict[str, Any]:
    listed = {"type": "object", "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": MODEL}}}
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    return {
        "/v1/models": {"get": {"summary": "The models that chat", "responses": {"200": json("The models", listed)}}},
        "/v1/models/{name}": {
            "get": {
                "summary": "One model that chats",
                "parameters": [name],
                "responses": {"200": json("The model", MODEL), "404": failure("404")},
            }
        },
        "/v1/chat/completions": asked("chat", "What a model says next", ChatRequest),
        "/v1/completions": asked("complete", "How a model continues a raw text", CompletionRequest),
    }


def schemas() -> dict[str, Any]:
    """The requests, and all that stands in them."""
    found: dict[str, Any] = {}
    for request in (ChatRequest, CompletionRequest):
        whole = request.model_json_schema(ref_template=REF)
        found |= whole.pop("$defs", {})
        found[request.__name__] = whole
    return found


def asked(operation: str, summary: str, request: type[Strict]) -> dict[str, Any]:
    answer = json("The answer; a stream of its chunks where `stream` is true", ANSWER)
    answer["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    body = {"application/json": {"schema": {"$ref": REF.format(model=request.__name__)}}}
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "parameters": [TIMEOUT],
            "requestBody": {"required": True, "content": body},
            "responses": {"200": answer, **{code: failure(code) for code in FAILURES}},
        }
    }


def failure(code: str) -> dict[str, Any]:
    return json(FAILURES[code], {"$ref": "#/components/schemas/Error"})
