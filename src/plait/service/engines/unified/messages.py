"""What goes through the pipe to the process that answers: a line of JSON, then the bytes of a picture.

    {"ask": 7, "source": [...], "grammar": {...}, "bytes": 5000, ...}   and 5,000 bytes
    {"drop": 7}                                                         nobody waits for it any more

Back come lines: {"ask": 7, "wire": ..., "tokens": 12, "whole": true}, or {"ask": 7, "error": ..., "way_out": ...}; of
a painting that is watched before that {"ask": 7, "preview": ...}.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields
from decimal import Decimal
from typing import IO, Any

from plait.core.grammar import ast as g

TERMINALS: dict[str, type[Any]] = {
    each.__name__: each
    for each in (g.Literal, g.Reference, g.Text, g.Integer, g.Number, g.DateTime, g.BinnedBox, g.ImageCodes)
}


@dataclass(frozen=True)
class ImageSampling:
    """How a picture is to be painted, as far as it was said; see plait.core.task.options."""

    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    temperature: float | None = None
    order: str | None = None


@dataclass(frozen=True)
class InferenceRequest:
    """`source` are the ids of an instruction, `picture` the bytes of the one it is about, empty where there is none.
    `hole` are the locations of what is missing of the picture; `watched` tells that previews are wanted.
    """

    number: int
    input_ids: tuple[int, ...]
    grammar: g.Grammar
    image: bytes
    hole: tuple[int, ...] = ()
    sampling: ImageSampling = field(default_factory=ImageSampling)
    streamed: bool = False


def encode_request(request: InferenceRequest) -> bytes:
    told = {
        "ask": request.number,
        "source": request.input_ids,
        "grammar": grammar_to_json(request.grammar),
        "bytes": len(request.image),
        "hole": request.hole,
        "brush": asdict(request.sampling),
        "watched": request.streamed,
    }
    return json_line(told) + request.image


def json_line(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload).encode() + b"\n"


def read_request(stream: IO[bytes]) -> InferenceRequest | int | None:
    """The next question, the number of one that is dropped, or None at the end."""
    said = stream.readline()
    if not said:
        return None
    told = json.loads(said)
    if "drop" in told:
        return int(told["drop"])
    return InferenceRequest(
        told["ask"],
        tuple(told["source"]),
        grammar_from_json(told["grammar"]),
        stream.read(told["bytes"]),
        tuple(told["hole"]),
        ImageSampling(**told["brush"]),
        told["watched"],
    )


def grammar_to_json(grammar: g.Grammar) -> dict[str, Any]:
    match grammar:
        case g.Choice(options):
            return {"is": "Choice", "options": [grammar_to_json(each) for each in options]}
        case g.Object(parts, optional):
            told = [[name, grammar_to_json(inner)] for name, inner in parts]
            return {"is": "Sequence", "parts": told, "optional": sorted(optional)}
        case g.Array(item, minimum, maximum):
            return {"is": "Repeat", "item": grammar_to_json(item), "minimum": minimum, "maximum": maximum}
        case leaf:
            values = {each.name: getattr(leaf, each.name) for each in fields(leaf)}
            plain = {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
            return {"is": type(leaf).__name__, **plain}


def grammar_from_json(payload: Mapping[str, Any]) -> g.Grammar:
    match payload["is"]:
        case "Choice":
            return g.Choice(tuple(grammar_from_json(each) for each in payload["options"]))
        case "Sequence":
            parts = tuple((name, grammar_from_json(inner)) for name, inner in payload["parts"])
            return g.Object(parts, frozenset(payload["optional"]))
        case "Repeat":
            return g.Array(grammar_from_json(payload["item"]), payload["minimum"], payload["maximum"])
        case "Reference":
            return g.Reference(tuple(payload["labels"]))
        case "Number":
            return g.Number(
                Decimal(payload["minimum"]), Decimal(payload["maximum"]), payload["above"], payload["below"]
            )
        case leaf:
            return TERMINALS[leaf](**{name: value for name, value in payload.items() if name != "is"})
