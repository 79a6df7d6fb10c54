"""The results of an evaluation as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pydantic import JsonValue

from plait.core.evaluation.calibration import ConfidenceFigures
from plait.core.evaluation.interval import Difference, Interval

MAX_WORST_ROWS = 50


@dataclass(frozen=True)
class RowResult:
    """One row: inputs, answer and right answer. `error` says why there is no answer."""

    row: int
    where: str
    score: float
    inputs: JsonValue
    answer: JsonValue
    reference: JsonValue
    error: str = ""


@dataclass(frozen=True)
class Comparison:
    """Another system on the same rows. `ahead` is the gain of the evaluated model over it."""

    name: str
    score: Interval
    exact: Interval
    ahead: Difference
    ahead_exact: Difference


@dataclass(frozen=True)
class Timing:
    """Seconds per call with `at_once` calls in flight; token counts are means."""

    p50: float
    p95: float
    at_once: int
    prompt_tokens: float
    answer_tokens: float


@dataclass(frozen=True)
class EvaluationResult:
    """The results of an evaluation.

    `score` is the mean agreement, `exact` the share of answers with every field correct; `fields` and `slices` hold the
    same by dotted path and by column. `rivals` are the baselines without a model. A row without an answer scores 0 and
    is counted in `failed`. Unreadable rows are not scored: `unread_count` is their number, `unread` the reasons for the
    first ones. `known` rows are examples of the task itself. The right answers of `unquotable` rows quote values that
    do not stand in the inputs; no answer to them is entirely right. `confidence` is there where the model is calibrated
    for the task, with the figures of values and of whole answers.
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
    unquotable: int = 0
    confidence: ConfidenceFigures | None = None
