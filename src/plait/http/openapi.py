"""The OpenAPI document: a path per task, with the schema of its inputs and of its answer."""

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
                "hint": {"type": "string"},
                "retryable": {"type": "boolean"},
                "problems": {"type": "array", "items": {"type": "object"}},
            },
            "required": ["type", "message", "param", "code", "details", "hint", "retryable"],
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
    task_schema = schema(task.declaration)
    failures = {
        code: response_object(description, {"$ref": "#/components/schemas/Error"})
        for code, description in FAILURES.items()
    }
    answer = {"200": answer_response(task_schema.answer)}
    return {
        "get": {"summary": f"What {task.declaration.name} takes and gives", "responses": task_response()},
        "post": {
            "operationId": task.declaration.name,
            "summary": str(task.declaration.instruction),
            "parameters": [
                {"name": name, "in": "query", "schema": option_schema} for name, option_schema in OPTION_SCHEMAS.items()
            ],
            "requestBody": {"required": True, "content": request_content(task, task_schema.request)},
            "responses": {**answer, **failures},
        },
    }


def request_content(task: AnyTask, request: dict[str, Any]) -> dict[str, Any]:
    """JSON; where an input is a picture also a form with its file."""
    content: dict[str, Any] = {"application/json": {"schema": request}}
    files = {
        parameter.name: FILE_SCHEMA for parameter in task.declaration.parameters if parameter.value_type.name == "image"
    }
    if files:
        content["multipart/form-data"] = {"schema": {**request, "properties": {**request["properties"], **files}}}
    return content


def task_response() -> dict[str, Any]:
    return {"200": response_object("The task with its schemas", {"type": "object"})}


def answer_response(answer_schema: dict[str, Any]) -> dict[str, Any]:
    envelope: dict[str, Any] = {
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
    response = response_object("The answer", envelope)
    response["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    return response
