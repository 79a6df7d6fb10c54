"""The JSON envelope of an answer, as HTTP and `plait run --detailed` give it."""

from collections.abc import Mapping
from typing import Any

from plait.core.engine.evidence import Evidence
from plait.core.engine.protocol import Usage
from plait.core.engine.validation import Completed
from plait.core.values.json_value import Json
from plait.core.values.span import Span


def envelope(completed: Completed) -> dict[str, Json]:
    return {
        "answer": completed.json_value,
        "id": completed.id,
        "model": completed.model,
        "usage": dict(vars(completed.usage)),
        "seconds": round(completed.seconds, 4),
        "evidence": {path: [dict(vars(span)) for span in spans] for path, spans in completed.evidence.items()},
    }


def completed_from_json(value: object, data: Mapping[str, Any]) -> Completed:
    """The inverse of `envelope`, with the decoded value. Raises KeyError, TypeError for another form."""
    usage = Usage(**data["usage"])
    evidence = evidence_from_json(data.get("evidence", {}))
    return Completed(value, data["answer"], data["id"], data["model"], usage, data["seconds"], evidence)


def evidence_from_json(json_value: Mapping[str, Any]) -> Evidence:
    return {path: tuple(Span(**span) for span in spans) for path, spans in json_value.items()}
