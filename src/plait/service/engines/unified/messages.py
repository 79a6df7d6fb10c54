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

LEAVES: dict[str, type[Any]] = {
    each.__name__: each for each in (g.Literal, g.Reference, g.Text, g.Whole, g.Number, g.Moment, g.Corners, g.Painting)
}


@dataclass(frozen=True)
class Brush:
    """How a picture is to be painted, as far as it was said; see plait.core.task.options."""

    seed: int = 0
    steps: int | None = None
    guidance: float | None = None
    temperature: float | None = None
    order: str | None = None


@dataclass(frozen=True)
class Asked:
    """`source` are the ids of an instruction, `picture` the bytes of the one it is about, empty where there is none.
    `hole` are the locations of what is missing of the picture; `watched` tells that previews are wanted.
    """

    number: int
    source: tuple[int, ...]
    grammar: g.Grammar
    picture: bytes
    hole: tuple[int, ...] = ()
    brush: Brush = field(default_factory=Brush)
    watched: bool = False


def packed(asked: Asked) -> bytes:
    told = {
        "ask": asked.number,
        "source": asked.source,
        "grammar": as_json(asked.grammar),
        "bytes": len(asked.picture),
        "hole": asked.hole,
        "brush": asdict(asked.brush),
        "watched": asked.watched,
    }
    return line(told) + asked.picture


def line(told: Mapping[str, Any]) -> bytes:
    return json.dumps(told).encode() + b"\n"


def read(stream: IO[bytes]) -> Asked | int | None:
    """The next question, the number of one that is dropped, or None at the end."""
    said = stream.readline()
    if not said:
        return None
    told = json.loads(said)
    if "drop" in told:
        return int(told["drop"])
    return Asked(
        told["ask"],
        tuple(told["source"]),
        grammar_of(told["grammar"]),
        stream.read(told["bytes"]),
        tuple(told["hole"]),
        Brush(**told["brush"]),
        told["watched"],
    )


def as_json(grammar: g.Grammar) -> dict[str, Any]:
    match grammar:
        case g.Choice(options):
            return {"is": "Choice", "options": [as_json(each) for each in options]}
        case g.Sequence(parts, optional):
            told = [[name, as_json(inner)] for name, inner in parts]
            return {"is": "Sequence", "parts": told, "optional": sorted(optional)}
        case g.Repeat(item, minimum, maximum):
            return {"is": "Repeat", "item": as_json(item), "minimum": minimum, "maximum": maximum}
        case leaf:
            values = {each.name: getattr(leaf, each.name) for each in fields(leaf)}
            plain = {name: str(value) if isinstance(value, Decimal) else value for name, value in values.items()}
            return {"is": type(leaf).__name__, **plain}


def grammar_of(told: Mapping[str, Any]) -> g.Grammar:
    match told["is"]:
        case "Choice":
            return g.Choice(tuple(grammar_of(each) for each in told["options"]))
        case "Sequence":
            parts = tuple((name, grammar_of(inner)) for name, inner in told["parts"])
            return g.Sequence(parts, frozenset(told["optional"]))
        case "Repeat":
            return g.Repeat(grammar_of(told["item"]), told["minimum"], told["maximum"])
        case "Reference":
            return g.Reference(tuple(told["labels"]))
        case "Number":
            return g.Number(Decimal(told["minimum"]), Decimal(told["maximum"]), told["above"], told["below"])
        case leaf:
            return LEAVES[leaf](**{name: value for name, value in told.items() if name != "is"})
