"""OpenAI's endpoints in the OpenAPI document; the schemas of requests come from the classes that validate them."""

from typing import Any

from plait.core.task.options import OPTIONS
from plait.core.values.strict import StrictModel
from plait.http.openai.requests import CreateChatCompletionRequest, CreateCompletionRequest

FAILURES = {
    "400": "A parameter that is not valid or not supported; `param` names it",
    "403": "A Host or Origin header that is not allowed, or no valid key",
    "404": "No such model",
    "413": "The request is too large",
    "502": "The engine failed",
    "503": "Busy, or the engine is restarting; try again",
    "504": "No answer in time",
}
TIMEOUT_PARAMETER = {"name": "timeout", "in": "query", "schema": OPTIONS["timeout"].json_schema}
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
            "get": {
                "tags": ["OpenAI"],
                "summary": "Chat models",
                "responses": {"200": response_object("The models", model_list)},
            }
        },
        "/v1/models/{name}": {
            "get": {
                "tags": ["OpenAI"],
                "summary": "A chat model",
                "parameters": [name],
                "responses": {
                    "200": response_object("The model", MODEL_SCHEMA),
                    **error_responses({"404": FAILURES["404"]}),
                },
            }
        },
        "/v1/chat/completions": completion_path_item(
            "chat", "The next message of a conversation", CreateChatCompletionRequest
        ),
        "/v1/completions": completion_path_item("complete", "The continuation of a raw text", CreateCompletionRequest),
    }


def schemas() -> dict[str, Any]:
    """The schemas of the requests and of what they contain."""
    definitions: dict[str, Any] = {}
    for request in (CreateChatCompletionRequest, CreateCompletionRequest):
        request_schema = request.model_json_schema(ref_template=REF_TEMPLATE)
        definitions |= request_schema.pop("$defs", {})
        definitions[request.__name__] = request_schema
    return definitions


def completion_path_item(operation: str, summary: str, request: type[StrictModel]) -> dict[str, Any]:
    answer = response_object("The answer; a stream of chunks if `stream` is true", ANSWER_SCHEMA)
    answer["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    body = {"application/json": {"schema": {"$ref": REF_TEMPLATE.format(model=request.__name__)}}}
    return {
        "post": {
            "operationId": operation,
            "tags": ["OpenAI"],
            "summary": summary,
            "parameters": [TIMEOUT_PARAMETER],
            "requestBody": {"required": True, "content": body},
            "responses": {"200": answer, **error_responses(FAILURES)},
        }
    }


def error_responses(failures: dict[str, str]) -> dict[str, Any]:
    """The responses of failures, described by status."""
    error = {"$ref": "#/components/schemas/Error"}
    return {status: response_object(description, error) for status, description in failures.items()}


def response_object(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
