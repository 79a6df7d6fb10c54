"""An answer as the OpenAPI document describes it, and the time that it may take."""

from typing import Any

from plait.core.task.options import MAXIMA

# Less is taken, too, and answered with 504 where it was not enough.
TIMEOUT_SCHEMA = {"type": "number", "minimum": 1, "maximum": MAXIMA["timeout"]}


def response_object(description: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}
