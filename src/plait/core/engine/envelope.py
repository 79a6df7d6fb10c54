"""An answer with its details: in Python, and as the JSON envelope of HTTP and `plait run --detailed`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from plait.core.engine.certificate import Certificate, certificate, certificate_json
from plait.core.engine.evidence import Evidence
from plait.core.engine.protocol import Usage
from plait.core.engine.validation import Completed
from plait.core.task.declaration import Declaration
from plait.core.values.json_value import Json
from plait.core.values.span import Span

R = TypeVar("R")


@dataclass(frozen=True)
class DetailedAnswer(Generic[R]):
    """An answer, as `task.detailed(...)` returns it.

    `evidence` has the spans of each quoted value by its dotted path, `evidence["lines.0.price"]`; offsets count code
    points of the input as it was passed. `certificate` says what each value rests on; `plait.verify` checks it.
    `corrections` are the ids of the corrected answers that the prompt showed.
    """

    value: R
    evidence: Mapping[str, tuple[Span, ...]]
    id: str
    model: str
    usage: Usage
    seconds: float
    certificate: Certificate
    corrections: tuple[str, ...] = ()


def detailed_answer(
    completed: Completed, declaration: Declaration, inputs: Mapping[str, object]
) -> DetailedAnswer[Any]:
    return DetailedAnswer(
        completed.value,
        completed.evidence,
        completed.id,
        completed.model,
        completed.usage,
        completed.seconds,
        answer_certificate(completed, declaration, inputs),
        completed.corrections,
    )


def answer_certificate(completed: Completed, declaration: Declaration, inputs: Mapping[str, object]) -> Certificate:
    return certificate(declaration, inputs, completed.json_value, completed.evidence, completed.defaults)


def envelope(completed: Completed, declaration: Declaration, inputs: Mapping[str, object]) -> dict[str, Json]:
    """The details with the certificate."""
    certified = certificate_json(answer_certificate(completed, declaration, inputs))
    return {**details_json(completed), "certificate": certified}


def details_json(completed: Completed) -> dict[str, Json]:
    return {
        "answer": completed.json_value,
        "id": completed.id,
        "model": completed.model,
        "usage": dict(vars(completed.usage)),
        "seconds": round(completed.seconds, 4),
        "evidence": {path: [dict(vars(span)) for span in spans] for path, spans in completed.evidence.items()},
        "corrections": list(completed.corrections),
    }


def completed_from_json(value: object, data: Mapping[str, Any]) -> Completed:
    """The inverse of `envelope`, with the decoded value. Raises KeyError, TypeError for another form."""
    usage = Usage(**data["usage"])
    evidence = evidence_from_json(data.get("evidence", {}))
    leaves = data.get("certificate", {}).get("leaves", {})
    defaults = frozenset(path for path, leaf in leaves.items() if leaf["kind"] == "computed")
    corrections = tuple(map(str, data.get("corrections", ())))
    return Completed(
        value, data["answer"], data["id"], data["model"], usage, data["seconds"], evidence, defaults, corrections
    )


def evidence_from_json(json_value: Mapping[str, Any]) -> Evidence:
    return {path: tuple(Span(**span) for span in spans) for path, spans in json_value.items()}
