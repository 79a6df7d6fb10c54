"""OpenAI's endpoints in the OpenAPI document: what they take is read from the very classes that read it."""

from typing import Any

from plait.core.values.strict import StrictModel
from plait.http.openai.chat import CreateChatCompletionRequest
from plait.http.openai.completion import CreateCompletionRequest
from plait.http.task_summary import TIMEOUT_SCHEMA, response_object

FAILURES = {
    "400": "What cannot be taken, or is not honoured; `param` names it",
    "403": "A foreign host or origin",
    "404": "No such model",
    "413": "Too large a request",
    "502": "The engine failed",
    "503": "Busy, or the engine is starting anew; ask again",
    "504": "No answer in time",
}
TIMEOUT_PARAMETER = {"name": "timeout", "in": "query", "schema": TIMEOUT_SCHEMA}
REF_TEMPLATE = "#/components/schemas/{model}"
MODEL_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "id": {"type": "string"},
        "object": {"const": "model"},
        "created": {"type": "integer"},
        "owned_by": {"type": "string"},
    },
    "required": ["id", "object", "created", "owned_by"],
}
ANSWER_SCHEMA: dict[str, Any] = {
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
    model_list = {
        "type": "object",
        "properties": {"object": {"const": "list"}, "data": {"type": "array", "items": MODEL_SCHEMA}},
    }
    name = {"name": "name", "in": "path", "required": True, "schema": {"type": "string", "minLength": 1}}
    return {
        "/v1/models": {
            "get": {"summary": "The models that chat", "responses": {"200": response_object("The models", model_list)}}
        },
        "/v1/models/{name}": {
            "get": {
                "summary": "One model that chats",
                "parameters": [name],
                "responses": {"200": response_object("The model", MODEL_SCHEMA), "404": error_response_object("404")},
            }
        },
        "/v1/chat/completions": completion_path_item("chat", "What a model says next", CreateChatCompletionRequest),
        "/v1/completions": completion_path_item(
            "complete", "How a model continues a raw text", CreateCompletionRequest
        ),
    }


def schemas() -> dict[str, Any]:
    """The requests, and all that stands in them."""
    definitions: dict[str, Any] = {}
    for request in (CreateChatCompletionRequest, CreateCompletionRequest):
        request_schema = request.model_json_schema(ref_template=REF_TEMPLATE)
        definitions |= request_schema.pop("$defs", {})
        definitions[request.__name__] = request_schema
    return definitions


def completion_path_item(operation: str, summary: str, request: type[StrictModel]) -> dict[str, Any]:
    answer = response_object("The answer; a stream of its chunks where `stream` is true", ANSWER_SCHEMA)
    answer["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    body = {"application/json": {"schema": {"$ref": REF_TEMPLATE.format(model=request.__name__)}}}
    return {
        "post": {
            "operationId": operation,
            "summary": summary,
            "parameters": [TIMEOUT_PARAMETER],
            "requestBody": {"required": True, "content": body},
            "responses": {"200": answer, **{code: error_response_object(code) for code in FAILURES}},
        }
    }


def error_response_object(code: str) -> dict[str, Any]:
    return response_object(FAILURES[code], {"$ref": "#/components/schemas/Error"})
