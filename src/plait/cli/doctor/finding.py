"""What the doctor says: one line each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Mark: TypeAlias = Literal["ok", "warn", "wrong"]


@dataclass(frozen=True)
class Finding:
    """`wrong` blocks answers, `warn` makes them slower or fewer; `way_out` is what to do, "" where nothing is."""

    mark: Mark
    what: str
    way_out: str = ""
    figures: Mapping[str, float] = field(default_factory=dict[str, float])


Findings: TypeAlias = Iterator[Finding]


def ok(what: str, **figures: float) -> Finding:
    return Finding("ok", what, "", figures)


def warn(what: str, way_out: str = "", **figures: float) -> Finding:
    return Finding("warn", what, way_out, figures)


def wrong(what: str, way_out: str = "") -> Finding:
    return Finding("wrong", what, way_out)
