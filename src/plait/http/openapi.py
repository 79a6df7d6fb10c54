"""The OpenAPI document: a path per task, with the schema of its slots and of its answer."""

from typing import Any

from plait.core.task.derive import schema
from plait.core.task.options import ORDERS
from plait.http.openai import openapi as openai
from plait.http.task_summary import TIMEOUT_SCHEMA, response_object
from plait.service.catalog import AnyTask, Catalog

OPTION_SCHEMAS: dict[str, dict[str, Any]] = {
    "model": {"type": "string"},
    "seed": {"type": "integer", "minimum": 0, "maximum": 2**32 - 2},
    "temperature": {"type": "number", "minimum": 0, "maximum": 5},
    "timeout": TIMEOUT_SCHEMA,
    "shots": {"type": "integer", "minimum": 0, "maximum": 64},
    "wording": {"type": "string"},
    "steps": {"type": "integer", "minimum": 1, "maximum": 64},
    "guidance": {"type": "number", "minimum": 0, "maximum": 20},
    "order": {"type": "string", "enum": list(ORDERS)},
}
ERROR_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "error": {
            "type": "object",
            "properties": {
                "type": {"type": "string"},
                "message": {"type": "string"},
                "param": {"type": ["string", "null"]},
                "code": {"type": ["string", "null"]},
                "details": {"type": "array", "items": {"type": "string"}},
                "way_out": {"type": "string"},
                "retryable": {"type": "boolean"},
                "problems": {"type": "array", "items": {"type": "object"}},
            },
            "required": ["type", "message", "param", "code", "details", "way_out", "retryable"],
        }
    },
    "required": ["error"],
}
FILE_SCHEMA = {"type": "string", "contentMediaType": "image/*", "description": "a picture's file"}
FAILURES = {
    "403": "A foreign host or origin",
    "404": "No such task or model",
    "413": "Too large a request, or a prompt longer than the context",
    "422": "Slots or options that cannot be taken; `problems` names each",
    "502": "The model answered with what its type refuses, or was cut by a limit",
    "503": "Busy, or the engine is starting anew; ask again",
    "504": "No answer in time",
}


def openapi_document(catalog: Catalog, version: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plait", "version": version, "description": "Every task is an endpoint."},
        "paths": {
            "/healthz": {
                "get": {
                    "summary": "Whether it answers",
                    "responses": {"200": response_object("Healthy", {"type": "object"})},
                }
            },
            "/v1/tasks": {
                "get": {"summary": "All tasks", "responses": {"200": response_object("The tasks", {"type": "object"})}}
            },
            **{f"/v1/tasks/{task.declaration.name}": path_item(task) for task in catalog},
            **openai.paths(),
        },
        "components": {
            "schemas": {"Error": ERROR_SCHEMA, **openai.schemas()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def path_item(task: AnyTask) -> dict[str, Any]:
    found = schema(task.declaration)
    failures = {
        code: response_object(words, {"$ref": "#/components/schemas/Error"}) for code, words in FAILURES.items()
    }
    answer = {"200": answer_response(found.answer)}
    return {
        "get": {"summary": f"What {task.declaration.name} takes and gives", "responses": task_response()},
        "post": {
            "operationId": task.declaration.name,
            "summary": str(task.declaration.instruction),
            "parameters": [{"name": name, "in": "query", "schema": kind} for name, kind in OPTION_SCHEMAS.items()],
            "requestBody": {"required": True, "content": request_content(task, found.request)},
            "responses": {**answer, **failures},
        },
    }


def request_content(task: AnyTask, request: dict[str, Any]) -> dict[str, Any]:
    """JSON; where a slot is a picture also a form with its file."""
    told: dict[str, Any] = {"application/json": {"schema": request}}
    files = {slot.name: FILE_SCHEMA for slot in task.declaration.parameters if slot.value_type.name == "image"}
    if files:
        told["multipart/form-data"] = {"schema": {**request, "properties": {**request["properties"], **files}}}
    return told


def task_response() -> dict[str, Any]:
    return {"200": response_object("The task with its schemas", {"type": "object"})}


def answer_response(answer_schema: dict[str, Any]) -> dict[str, Any]:
    whole: dict[str, Any] = {
        "type": "object",
        "properties": {
            "answer": answer_schema,
            "id": {"type": "string"},
            "model": {"type": "string"},
            "usage": {"type": "object", "additionalProperties": {"type": "integer"}},
            "seconds": {"type": "number"},
        },
        "required": ["answer", "id", "model", "usage", "seconds"],
    }
    told = response_object("The answer", whole)
    told["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    return told
