"""What an evaluation found, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from plait.core.evaluation.interval import Difference, Interval

MAX_WORST_ROWS = 50


@dataclass(frozen=True)
class RowResult:
    """One row: what was asked, what came, what would have been right. `error` is why nothing came."""

    row: int
    where: str
    score: float
    inputs: JsonValue
    answer: JsonValue
    reference: JsonValue
    error: str = ""


@dataclass(frozen=True)
class Comparison:
    """Something that answered the same rows. `ahead` is what the evaluated model has above it."""

    name: str
    score: Interval
    exact: Interval
    ahead: Difference
    ahead_exact: Difference


@dataclass(frozen=True)
class Timing:
    """Seconds of a whole call, `at_once` being answered together; tokens are means."""

    p50: float
    p95: float
    at_once: int
    prompt_tokens: float
    answer_tokens: float


@dataclass(frozen=True)
class EvaluationResult:
    """`score` is the mean agreement, `exact` the share of answers with every field correct. `fields` and `slices` hold
    the same by dotted path and by column; `rivals` are the trivial baselines. A row that the model could not answer
    counts as 0 and is among `failed`. Rows that could not be read count for nothing: `unread` tells why, of the first.
    `known` rows are examples of the task itself.
    """

    task: str
    fingerprint: str
    model: str
    data: str
    digest: str
    options: Mapping[str, str | int | float]
    made: str
    score: Interval
    exact: Interval
    fields: Mapping[str, Interval]
    slices: Mapping[str, Mapping[str, Interval]]
    rivals: tuple[Comparison, ...]
    timing: Timing
    failed: int
    unread: tuple[str, ...]
    unread_count: int
    known: int
    worst_rows: tuple[RowResult, ...]
    rows: tuple[int, ...] = field(repr=False)
    scores: tuple[float, ...] = field(repr=False)
    exacts: tuple[float, ...] = field(repr=False)
