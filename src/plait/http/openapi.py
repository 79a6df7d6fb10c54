"""The OpenAPI document: a path per task, with the schema of its inputs and of its answer."""

from collections.abc import Iterable
from typing import Any

from plait.core.task.derive import schema
from plait.core.task.options import OPTIONS
from plait.core.values.value_type import IMAGE
from plait.http.adapt_schema import adapt_path_item
from plait.http.feedback_routes import FEEDBACK_SCHEMA, LABEL
from plait.http.openai import openapi as openai
from plait.http.openai.openapi import error_responses, response_object
from plait.service.catalog import AnyTask

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
EVIDENCE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "where each quoted value stands in the inputs, by its dotted path; offsets count code points",
    "additionalProperties": {
        "type": "array",
        "items": {
            "type": "object",
            "properties": {
                "input": {"type": "string"},
                "start": {"type": "integer"},
                "end": {"type": "integer"},
                "text": {"type": "string"},
            },
            "required": ["input", "start", "end", "text"],
        },
    },
}
CERTIFICATE_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "what each value of the answer rests on; `plait verify` checks it",
    "properties": {
        "version": {"type": "integer"},
        "task": {"type": "string"},
        "fingerprint": {"type": "string"},
        "inputs": {"type": "object", "additionalProperties": {"type": "object"}},
        "leaves": {"type": "object", "additionalProperties": {"type": "object"}},
    },
    "required": ["version", "task", "fingerprint", "inputs", "leaves"],
}
CORRECTIONS_SCHEMA: dict[str, Any] = {
    "type": "array",
    "description": "ids of the corrected answers that the prompt showed",
    "items": {"type": "string"},
}
ROUTE_SCHEMA: dict[str, Any] = {"type": "string", "description": "the route that chose the model, if one did"}
CORRECTION_SCHEMA: dict[str, Any] = {
    "oneOf": [
        {
            "type": "object",
            "description": "the answer is right as it is",
            "properties": {"right": {"const": True}},
            "required": ["right"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "description": "the right values by dotted path: lines.0.price",
            "properties": {"fields": {"type": "object", "minProperties": 1}},
            "required": ["fields"],
            "additionalProperties": False,
        },
        {
            "type": "object",
            "description": "the whole right answer",
            "properties": {"answer": {}},
            "required": ["answer"],
            "additionalProperties": False,
        },
    ]
}
ID_PARAMETER = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
USER_PARAMETER = {"name": "user", "in": "query", "description": "who it is for: a label", "schema": LABEL}
FILE_SCHEMA = {"type": "string", "contentMediaType": "image/*", "description": "an image file"}
ANSWER = "The answer with its inputs, and its correction or null"
ORIGIN = "Model, version or null, the examples that taught it, the verdict of its gate, feedback"
FAILURES = {
    "403": "A Host or Origin header that is not allowed, or no valid key",
    "404": "No such task, model or answer",
    "413": "The request is too large, or the prompt is longer than the context",
    "422": "Inputs or options that are not valid; `problems` names each",
    "502": "The model's answer is not of the declared type, or was cut by a limit",
    "503": "Busy, or the engine is restarting; try again",
    "504": "No answer in time",
}


def openapi_document(tasks: Iterable[AnyTask], version: str) -> dict[str, Any]:
    return {
        "openapi": "3.1.0",
        "info": {"title": "Plait", "version": version, "description": "Every task is an endpoint."},
        "tags": [{"name": name} for name in ("tasks", "answers", "OpenAI", "server")],
        "paths": {
            "/healthz": {
                "get": {
                    "tags": ["server"],
                    "summary": "Health check",
                    "responses": {"200": response_object("Healthy", {"type": "object"})},
                }
            },
            "/v1/tasks": {
                "get": {
                    "tags": ["tasks"],
                    "summary": "All tasks",
                    "responses": {"200": response_object("The tasks", {"type": "object"})},
                }
            },
            **{f"/v1/tasks/{task.declaration.name}": path_item(task) for task in tasks},
            "/v1/tasks/{name}/adapt": adapt_path_item(),
            "/v1/answers/{id}": answer_path_item("An answer of the last hour, or a recorded one", ANSWER),
            "/v1/answers/{id}/correction": correction_path_item(),
            "/v1/answers/{id}/why": answer_path_item("Where an answer came from", ORIGIN),
            "/v1/feedback": feedback_path_item(),
            **openai.paths(),
        },
        "components": {
            "schemas": {"Error": ERROR_SCHEMA, **openai.schemas()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def path_item(task: AnyTask) -> dict[str, Any]:
    task_schema = schema(task.declaration)
    return {
        "get": {"tags": ["tasks"], "summary": f"Schemas of {task.declaration.name}", "responses": task_response()},
        "post": {
            "tags": ["tasks"],
            "operationId": task.declaration.name,
            "summary": str(task.declaration.instruction),
            "parameters": [
                *(
                    {"name": name, "in": "query", "schema": definition.json_schema}
                    for name, definition in OPTIONS.items()
                ),
                USER_PARAMETER,
            ],
            "requestBody": {"required": True, "content": request_content(task, task_schema.request)},
            "responses": {"200": answer_response(task_schema.answer), **error_responses(FAILURES)},
        },
    }


def request_content(task: AnyTask, request: dict[str, Any]) -> dict[str, Any]:
    """JSON; for a task with image inputs also a form with files."""
    content: dict[str, Any] = {"application/json": {"schema": request}}
    files = {
        parameter.name: FILE_SCHEMA for parameter in task.declaration.parameters if parameter.value_type.media == IMAGE
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
            "evidence": EVIDENCE_SCHEMA,
            "certificate": CERTIFICATE_SCHEMA,
            "corrections": CORRECTIONS_SCHEMA,
            "route": ROUTE_SCHEMA,
        },
        "required": ["answer", "id", "model", "usage", "seconds", "evidence", "certificate", "corrections"],
    }
    response = response_object("The answer", envelope)
    response["content"]["text/event-stream"] = {"schema": {"type": "string"}}
    return response


def answer_path_item(summary: str, description: str) -> dict[str, Any]:
    """What is known of an answer, for the caller who asked."""
    failures = {status: FAILURES[status] for status in ("403", "404")}
    known = response_object(description, {"type": "object"})
    return {
        "get": {
            "tags": ["answers"],
            "summary": summary,
            "parameters": [ID_PARAMETER],
            "responses": {"200": known, **error_responses(failures)},
        }
    }


def correction_path_item() -> dict[str, Any]:
    stored = response_object("The inputs and the right answer, an example from now on", {"type": "object"})
    failures = {status: FAILURES[status] for status in ("403", "404", "413", "422")}
    body = {"required": True, "content": {"application/json": {"schema": CORRECTION_SCHEMA}}}
    return {
        "post": {
            "tags": ["answers"],
            "summary": "Correct an answer, or mark it as right",
            "parameters": [ID_PARAMETER],
            "requestBody": body,
            "responses": {"200": stored, **error_responses(failures)},
        },
        "delete": {
            "tags": ["answers"],
            "summary": "Take a correction back",
            "parameters": [ID_PARAMETER],
            "responses": {"204": {"description": "It is no example any more"}, **error_responses(failures)},
        },
    }


def feedback_path_item() -> dict[str, Any]:
    stored = response_object("The feedback as it is kept, with the id of its episode", {"type": "object"})
    failures = {status: FAILURES[status] for status in ("403", "404", "413", "422")}
    body = {"required": True, "content": {"application/json": {"schema": FEEDBACK_SCHEMA}}}
    return {
        "post": {
            "tags": ["answers"],
            "summary": "Say whether answers are right, how good they are, or that one is better than another",
            "requestBody": body,
            "responses": {"200": stored, **error_responses(failures)},
        }
    }
