"""Findings of `plait doctor`: one line each."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

Mark: TypeAlias = Literal["ok", "warn", "wrong"]


@dataclass(frozen=True)
class Finding:
    """One result of a check. `wrong` prevents answers, `warn` makes them slower or fewer; `hint` may be ""."""

    mark: Mark
    message: str
    hint: str = ""
    figures: Mapping[str, float] = field(default_factory=dict[str, float])


Findings: TypeAlias = Iterator[Finding]


def ok(message: str, **figures: float) -> Finding:
    return Finding("ok", message, "", figures)


def warn(message: str, hint: str = "", **figures: float) -> Finding:
    return Finding("warn", message, hint, figures)


def wrong(message: str, hint: str = "") -> Finding:
    return Finding("wrong", message, hint)
