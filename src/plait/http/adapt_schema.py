"""What the endpoints of adapting take and return, for the OpenAPI document."""

from typing import Any, get_args

from plait.http.openai.openapi import error_responses, response_object
from plait.learning.adapt_options import GATE_ROWS, METHODS
from plait.learning.adapt_progress import Phase, State

ADAPT_HINT = '{"gate_rows": 120, "promote": true} are the defaults; "promote": false keeps the version a candidate'
ADAPT_SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": "the options of `plait adapt`",
    "properties": {
        "model": {"type": "string", "description": "the model to adapt; by default the first that can be"},
        "method": {"enum": list(METHODS), "default": "sft"},
        "gate_rows": {"type": "integer", "minimum": 1, "default": GATE_ROWS, "description": "held-out rows to score"},
        "promote": {"type": "boolean", "default": True, "description": "false keeps the version a candidate"},
        "epochs": {"type": ["integer", "null"], "minimum": 1, "maximum": 100},
        "learning_rate": {"type": ["number", "null"], "minimum": 1e-6, "maximum": 1},
        "from_base": {"type": "boolean", "default": False, "description": "true trains a new adapter"},
    },
    "additionalProperties": False,
}
STATUS_SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {
        "state": {"enum": list(get_args(State))},
        "phase": {"enum": list(get_args(Phase))},
        "done": {"type": "integer", "description": "steps while training, rows while scoring"},
        "total": {"type": "integer", "description": "0 where it is not known"},
        "tokens_per_second": {"type": ["number", "null"]},
        "seconds_left": {"type": ["number", "null"], "description": "of this phase"},
        "is_paused": {"type": "boolean", "description": "training waits, because answers are being made"},
        "paused_seconds": {"type": "number", "description": "how long it waited for answers so far"},
        "losses": {"type": "array", "items": {"type": "array", "description": "step and loss"}},
        "version": {"type": "string", "description": "the version of the model, once it is judged"},
        "promoted": {"type": "boolean"},
        "error": {"type": "string"},
        "hint": {"type": "string"},
        "verdict": {"type": ["object", "null"], "description": "as `plait adapt --json` prints it"},
    },
    "required": ["state", "phase", "done", "total", "losses", "version", "promoted", "error", "verdict"],
}
NAME_PARAMETER = {"name": "name", "in": "path", "required": True, "schema": {"type": "string"}}
FAILURES = {
    "403": "No key, or one that is not among admin_keys",
    "404": "No such task or model",
    "422": "Options that are not valid, or the task is being adapted already, or is not",
    "501": "torch is not installed",
}


def adapt_path_item() -> dict[str, Any]:
    return {
        "get": operation("How far the adaptation of a task is, and its verdict", "200"),
        "post": {
            **operation("Adapt a model to a task by its examples, or resume that", "202"),
            "requestBody": {"content": {"application/json": {"schema": ADAPT_SCHEMA}}},
        },
        "delete": operation("Stop the adaptation; the next start resumes it", "202"),
    }


def operation(summary: str, status: str) -> dict[str, Any]:
    responses = {status: response_object("The state of the adaptation", STATUS_SCHEMA), **error_responses(FAILURES)}
    return {"tags": ["tasks"], "summary": summary, "parameters": [NAME_PARAMETER], "responses": responses}
