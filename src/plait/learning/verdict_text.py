"""A verdict as a table that a person can read."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from plait.core.evaluation.interval import Difference, Interval
from plait.core.evaluation.table import bar
from plait.core.values.json_text import dumps
from plait.core.values.quoting import shorten

if TYPE_CHECKING:
    from plait.learning.verdict import GateVerdict, WorseRow

MAX_ROWS_SHOWN = 3
MAX_TEXT_LENGTH = 240  # characters of an input or an answer


def verdict_text(verdict: "GateVerdict") -> str:
    return "\n".join(verdict_lines(verdict))


def verdict_lines(verdict: "GateVerdict") -> Iterator[str]:
    outcome = "may replace" if verdict.holds else "does not replace"
    yield f"{verdict.candidate} {outcome} {verdict.champion.name}"
    yield f"rule: {verdict.rule}"
    yield ""
    yield from score_lines(verdict)
    yield from loss_lines(verdict)
    yield ""
    yield held_out_line(verdict)
    yield f"parity: {verdict.parity or 'not measured'}"
    if verdict.dependence:
        yield f"its pictures fit their own rows better than others by {verdict.dependence}"
    yield f"confidence: {verdict.calibration or 'not calibrated'}"
    yield from verdict.notes
    yield from worse_lines(verdict)
    if verdict.reasons:
        yield "\nwhy it stays a candidate"
        yield from (f"  {reason}" for reason in verdict.reasons)
        yield from (f"  → {hint}" for hint in verdict.hints)


def score_lines(verdict: "GateVerdict") -> Iterator[str]:
    systems = (verdict.champion, *verdict.baselines)
    width = max(map(len, [verdict.candidate, "  all fields correct", *(each.name for each in systems)])) + 2
    yield from system_lines(verdict.candidate, verdict.score, verdict.exact, width)
    for each in systems:
        yield from system_lines(each.name, each.score, each.exact, width)
        yield f"{'  the candidate is':{width}}{each.ahead}"
        yield f"{'  and all fields':{width}}{each.ahead_exact}"


def system_lines(name: str, score: Interval, exact: Interval, width: int) -> Iterator[str]:
    yield f"{name:{width}}{bar(score)}  {score}"
    yield f"{'  all fields correct':{width}}{bar(exact)}  {exact}"


def loss_lines(verdict: "GateVerdict") -> Iterator[str]:
    """The loss in each part of the rows, the largest first."""
    if not verdict.losses:
        return
    width = max(len(each.name) for each in verdict.losses) + 2
    yield f"\nloss against the champion, at most {verdict.rule.max_loss:g} at the upper bound"
    for each in sorted(verdict.losses, key=lambda each: -each.loss.high):
        mark = "✗" if each.loss.high > verdict.rule.max_loss else " "
        scores = f"{each.champion:.3f} → {each.candidate:.3f}"
        loss = f"{each.loss.mean:+.3f} [{each.loss.low:+.3f}, {each.loss.high:+.3f}]"
        yield f"{mark} {each.name:{width}}{scores}  loss {loss}  n={each.loss.count}"


def held_out_line(verdict: "GateVerdict") -> str:
    facts = verdict.held_out
    sample = "" if facts.scored == facts.available else f", a sample of {facts.available:,} (more: --gate-rows N)"
    left_out = f"; {facts.left_out:,} examples like them were not learned" if facts.left_out else ""
    earlier = f"; {facts.earlier} versions before were judged on the same rows" if facts.earlier else ""
    return f"held out: {facts.scored:,} rows of {facts.source}{sample}{left_out}{earlier}"


def worse_lines(verdict: "GateVerdict") -> Iterator[str]:
    gain: Difference = verdict.champion.ahead
    if verdict.worse:
        yield f"\nworse on {gain.losses} of {gain.gain.count} rows, better on {gain.wins}; the worst of them:"
        for row in verdict.worse[:MAX_ROWS_SHOWN]:
            yield from worse_row_lines(row)


def worse_row_lines(row: "WorseRow") -> Iterator[str]:
    yield f"  {row.where}  {row.champion_score:.2f} → {row.candidate_score:.2f}"
    named = (("input", row.inputs), ("was", row.champion), ("is", row.candidate), ("right", row.reference))
    for name, value in named:
        yield f"    {name:6}{shorten(dumps(value), MAX_TEXT_LENGTH)}"
