"""Messages in the pipe to the worker process. A request is a line of JSON, then the bytes of an image.

    {"request": 7, "input_ids": [...], "grammar": {...}, "bytes": 5000, ...}   followed by 5,000 bytes
    {"drop": 7}                                                                the caller no longer needs the answer

Responses are lines: {"request": 7, "json_value": ..., "tokens": 12, "is_complete": true, "waited": 0.2}, with the
seconds in the queue, or {"request": 7, "error": ..., "hint": ...}. A streamed image sends
{"request": 7, "preview": ...} before its response, once per decoding step.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, astuple, dataclass, field, fields
from decimal import Decimal
from typing import IO, Any

from pydantic import TypeAdapter

from plait.core.grammar import ast as g
from plait.core.values.json_value import Json

TEXTS = (g.Literal, g.Reference, g.Text, g.RegularExpression, g.Pattern)
TERMINALS: dict[str, type[Any]] = {
    each.__name__: each for each in (*TEXTS, g.Integer, g.Number, g.DateTime, g.BinnedBox, g.ImageCodes)
}


@dataclass(frozen=True)
class ImageSampling:
    """Options of image generation; None if the caller set none. See plait.core.task.options."""

    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    temperature: float | None = None
    order: str | None = None


@dataclass(frozen=True)
class InferenceRequest:
    """One request to the worker. `image` is empty if the task has none; `hole` holds the four box locations of the
    region to fill; `streamed` requests partial images. With a `right_answer` nothing is generated: the response has its
    ids, and the likely ids at each of its positions.
    """

    number: int
    input_ids: tuple[int, ...]
    grammar: g.Grammar
    image: bytes
    hole: tuple[int, ...] = ()
    sampling: ImageSampling = field(default_factory=ImageSampling)
    streamed: bool = False
    right_answer: Json = None


@dataclass(frozen=True)
class ScoredAnswer:
    """`token_ids` are those of the instruction, then of the answer. `log_probs` has the log-probability, in nats, of an
    id at a position of the answer, given the right ids before it; unlikely ids are left out.
    """

    token_ids: tuple[int, ...]
    log_probs: Mapping[tuple[int, int], float]


@dataclass(frozen=True)
class ScoredIds:
    """What the worker sends: the ids of the answer, and (position, id, log-probability) of likely ids."""

    target_ids: tuple[int, ...]
    tokens: tuple[tuple[int, int, float], ...]


SCORED_IDS: TypeAdapter[ScoredIds] = TypeAdapter(ScoredIds)


def scored_answer(input_ids: tuple[int, ...], json_value: Json) -> ScoredAnswer:
    """The answer that a worker has scored."""
    scored = SCORED_IDS.validate_python(json_value)
    log_probs = {(position, id): log_prob for position, id, log_prob in scored.tokens}
    return ScoredAnswer((*input_ids, *scored.target_ids), log_probs)


def encode_request(request: InferenceRequest) -> bytes:
    header = {
        "request": request.number,
        "input_ids": request.input_ids,
        "grammar": grammar_to_json(request.grammar),
        "bytes": len(request.image),
        "hole": request.hole,
        "sampling": asdict(request.sampling),
        "streamed": request.streamed,
        "right_answer": request.right_answer,
    }
    return json_line(header) + request.image


def json_line(payload: Mapping[str, Any]) -> bytes:
    return json.dumps(payload).encode() + b"\n"


def read_request(stream: IO[bytes]) -> InferenceRequest | int | None:
    """The next request, the number of a dropped one, or None at the end of the stream."""
    line = stream.readline()
    if not line:
        return None
    header = json.loads(line)
    if "drop" in header:
        return int(header["drop"])
    return InferenceRequest(
        header["request"],
        tuple(header["input_ids"]),
        grammar_from_json(header["grammar"]),
        stream.read(header["bytes"]),
        tuple(header["hole"]),
        ImageSampling(**header["sampling"]),
        header["streamed"],
        header["right_answer"],
    )


def grammar_to_json(grammar: g.Grammar) -> dict[str, Any]:
    match grammar:
        case g.Choice(options):
            return {"type": "Choice", "options": [grammar_to_json(each) for each in options]}
        case g.Object(parts, optional):
            items = [[name, grammar_to_json(inner)] for name, inner in parts]
            return {"type": "Object", "parts": items, "optional": sorted(optional)}
        case g.Array(item, minimum, maximum):
            return {"type": "Array", "item": grammar_to_json(item), "minimum": minimum, "maximum": maximum}
        case g.Tuple(items):
            return {"type": "Tuple", "items": [grammar_to_json(each) for each in items]}
        case g.Map(key, value, minimum, maximum):
            both = {"key": grammar_to_json(key), "value": grammar_to_json(value)}
            return {"type": "Map", **both, "minimum": minimum, "maximum": maximum}
        case g.WordRun(lines):
            return {"type": "WordRun", "lines": [[astuple(word) for word in line] for line in lines]}
        case leaf:
            values = {each.name: getattr(leaf, each.name) for each in fields(leaf)}
            plain = {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
            return {"type": type(leaf).__name__, **plain}


def grammar_from_json(payload: Mapping[str, Any]) -> g.Grammar:
    match payload["type"]:
        case "Choice":
            return g.Choice(tuple(grammar_from_json(each) for each in payload["options"]))
        case "Object":
            parts = tuple((name, grammar_from_json(inner)) for name, inner in payload["parts"])
            return g.Object(parts, frozenset(payload["optional"]))
        case "Array":
            return g.Array(grammar_from_json(payload["item"]), payload["minimum"], payload["maximum"])
        case "Tuple":
            return g.Tuple(tuple(grammar_from_json(each) for each in payload["items"]))
        case "Map":
            both = grammar_from_json(payload["key"]), grammar_from_json(payload["value"])
            return g.Map(*both, payload["minimum"], payload["maximum"])
        case "Reference":
            return g.Reference(tuple(payload["labels"]))
        case "Number":
            return g.Number(
                Decimal(payload["minimum"]), Decimal(payload["maximum"]), payload["above"], payload["below"]
            )
        case "WordRun":
            return g.WordRun(tuple(tuple(g.Word(*word) for word in line) for line in payload["lines"]))
        case leaf:
            return TERMINALS[leaf](**{name: value for name, value in payload.items() if name != "type"})
