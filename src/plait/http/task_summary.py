"""An answer as the OpenAPI document describes it, and the time that it may take."""

from typing import Any

from plait.core.task.options import MOST

# Less is taken, too, and answered with 504 where it was not enough.
SECONDS = {"type": "number", "minimum": 1, "maximum": MOST["timeout"]}


def json(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}
