"""The verdict on a candidate: every figure that the gate decided on, and the reasons."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast

from pydantic import JsonValue, ValidationError

from plait.core.errors import InputError
from plait.core.evaluation.interval import Difference, Interval, tally
from plait.core.evaluation.report_file import report_json
from plait.core.evaluation.result import Comparison
from plait.core.values.pydantic_validation import type_adapter
from plait.learning.gate import (
    GateRow,
    GateRule,
    SliceLoss,
    exact_difference,
    objections,
    score_difference,
    slice_losses,
)
from plait.learning.parity import ServingParity


@dataclass(frozen=True)
class HeldOutFacts:
    """The rows that both answered: `scored` of `available`, from these files or examples.

    `sha256` is that of the scored rows. `left_out` examples were not learned, since their inputs are those of held-out
    rows or nearly so. `earlier` other versions were judged on the very same rows: the more, the more likely is luck.
    """

    source: str
    available: int
    scored: int
    sha256: str
    left_out: int = 0
    earlier: int = 0


@dataclass(frozen=True)
class WorseRow:
    """A held-out row on which the candidate scores less than the champion."""

    where: str
    champion_score: float
    candidate_score: float
    inputs: JsonValue
    champion: JsonValue
    candidate: JsonValue
    reference: JsonValue


@dataclass(frozen=True)
class GateVerdict:
    """The result of the gate. The rule holds if there are no `reasons` against promotion.

    `score` and `exact` are the candidate's; `champion` and `baselines` have their own and the candidate's lead.
    `worse` are the first of the rows that got worse. `hints` are commands that supply what is missing. `dependence` is
    how much better pictures fit their own descriptions than others.
    """

    task: str
    fingerprint: str
    candidate: str
    rule: GateRule
    held_out: HeldOutFacts
    score: Interval
    exact: Interval
    champion: Comparison
    baselines: tuple[Comparison, ...]
    losses: tuple[SliceLoss, ...]
    worse: tuple[WorseRow, ...]
    parity: ServingParity | None
    calibration: str
    reasons: tuple[str, ...]
    hints: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    dependence: Difference | None = None
    made: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="seconds"))

    @property
    def holds(self) -> bool:
        """Whether the candidate may replace the champion by itself."""
        return not self.reasons

    def __str__(self) -> str:
        from plait.learning.verdict_text import verdict_text

        return verdict_text(self)

    def to_json(self) -> str:
        return report_json(self)

    @classmethod
    def from_json(cls, text: str | bytes) -> "GateVerdict":
        """Raises InputError for a text that is no verdict."""
        try:
            return cast(GateVerdict, type_adapter(cls).validate_json(text))
        except ValidationError as error:
            first = str(error).splitlines()[0]
            raise InputError(f"this is not a verdict of plait adapt: {first}") from None


@dataclass(frozen=True)
class JudgedCandidate:
    """What a verdict is made from, besides the scores."""

    task: str
    fingerprint: str
    candidate: str
    champion: str
    held_out: HeldOutFacts
    parity: ServingParity | None
    calibration: str = ""
    worse: tuple[WorseRow, ...] = ()
    baselines: tuple[Comparison, ...] = ()
    missing: tuple[str, ...] = ()
    hints: tuple[str, ...] = ()
    dependence: Difference | None = None


def judge(rule: GateRule, rows: Sequence[GateRow], judged: JudgedCandidate) -> GateVerdict:
    """The verdict on a candidate by its scores and the champion's on the same rows."""
    gain, losses = score_difference(rows), slice_losses(rows, rule)
    champion = Comparison(
        judged.champion,
        tally(row.champion for row in rows).score_interval,
        tally(float(row.champion_exact) for row in rows).score_interval,
        gain,
        exact_difference(rows),
    )
    return GateVerdict(
        judged.task, judged.fingerprint, judged.candidate, rule, judged.held_out,
        tally(row.candidate for row in rows).score_interval,
        tally(float(row.candidate_exact) for row in rows).score_interval,
        champion, judged.baselines, losses, judged.worse, judged.parity, judged.calibration,
        (*judged.missing, *objections(rule, gain, losses, judged.parity, judged.dependence)),
        judged.hints, tuple(baseline_notes(judged.baselines)), judged.dependence,
    )  # fmt: skip


def baseline_notes(baselines: Sequence[Comparison]) -> Iterator[str]:
    """A better score without a model: then the model is not worth using yet, whoever wins."""
    for each in baselines:
        if each.ahead.gain.mean < 0:
            yield f"note: {each.name!r}, without a model, scores {each.score.mean:.3f}: more than the candidate"
