"""An answer with its details: in Python, and as the JSON envelope of HTTP and `plait run --detailed`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
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
    `corrections` are the ids of the corrected answers that the prompt showed. `confidence` has the calibrated
    probability that a value is right, by dotted path, and at "" that all of them are; None where not calibrated.
    `route` is the route that chose the model, "" without one.
    """

    value: R
    evidence: Mapping[str, tuple[Span, ...]]
    id: str
    model: str
    usage: Usage
    seconds: float
    certificate: Certificate
    corrections: tuple[str, ...] = ()
    confidence: Mapping[str, float | None] = field(default_factory=dict[str, "float | None"])
    route: str = ""


def detailed_answer(
    completed: Completed, declaration: Declaration, inputs: Mapping[str, object]
) -> DetailedAnswer[Any]:
    certified = answer_certificate(completed, declaration, inputs)
    return DetailedAnswer(
        completed.value,
        completed.evidence,
        completed.id,
        completed.model,
        completed.usage,
        completed.seconds,
        certified,
        completed.corrections,
        confidence_of_leaves(completed, certified),
        completed.route,
    )


def answer_certificate(completed: Completed, declaration: Declaration, inputs: Mapping[str, object]) -> Certificate:
    return certificate(declaration, inputs, completed.json_value, completed.evidence, completed.defaults)


def envelope(completed: Completed, declaration: Declaration, inputs: Mapping[str, object]) -> dict[str, Json]:
    """The details with the certificate."""
    certified = answer_certificate(completed, declaration, inputs)
    confidence: Json = dict(confidence_of_leaves(completed, certified))
    return {**details_json(completed), "confidence": confidence, "certificate": certificate_json(certified)}


def confidence_of_leaves(completed: Completed, certified: Certificate) -> dict[str, float | None]:
    """The confidence of the whole answer, at "", and of each of its values."""
    return {path: round_confidence(completed.confidence.get(path)) for path in ("", *certified.leaves)}


def round_confidence(confidence: float | None) -> float | None:
    return None if confidence is None else round(confidence, 4)


def details_json(completed: Completed) -> dict[str, Json]:
    return {
        "answer": completed.json_value,
        "id": completed.id,
        "model": completed.model,
        "usage": dict(vars(completed.usage)),
        "seconds": round(completed.seconds, 4),
        "evidence": {path: [dict(vars(span)) for span in spans] for path, spans in completed.evidence.items()},
        "corrections": list(completed.corrections),
        **({"route": completed.route} if completed.route else {}),
    }


def completed_from_json(value: object, data: Mapping[str, Any]) -> Completed:
    """The inverse of `envelope`, with the decoded value. Raises KeyError, TypeError for another form."""
    usage = Usage(**data["usage"])
    evidence = evidence_from_json(data.get("evidence", {}))
    leaves = data.get("certificate", {}).get("leaves", {})
    defaults = frozenset(path for path, leaf in leaves.items() if leaf["kind"] == "computed")
    corrections = tuple(map(str, data.get("corrections", ())))
    confidence = {path: float(each) for path, each in data.get("confidence", {}).items() if each is not None}
    return Completed(
        value, data["answer"], data["id"], data["model"], usage, data["seconds"], evidence, defaults, corrections,
        confidence=confidence, route=str(data.get("route", "")),
    )  # fmt: skip


def evidence_from_json(json_value: Mapping[str, Any]) -> Evidence:
    return {path: tuple(Span(**span) for span in spans) for path, spans in json_value.items()}
