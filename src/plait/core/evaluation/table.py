"""An evaluation report for the terminal."""

from collections.abc import Iterator, Mapping

from plait.core.evaluation.calibration_text import confidence_lines
from plait.core.evaluation.interval import Interval
from plait.core.evaluation.result import EvaluationResult

BAR_WIDTH = 24  # characters of a bar


def bar(interval: Interval, width: int = BAR_WIDTH) -> str:
    """A text bar filled up to the mean, with the interval shaded."""
    low, mean, high = (round(min(1.0, max(0.0, at)) * width) for at in (interval.low, interval.mean, interval.high))
    return "█" * low + "▓" * (mean - low) + "▒" * (high - mean) + "·" * (width - high)


def table(result: EvaluationResult) -> str:
    return "\n".join(table_lines(result))


def table_lines(result: EvaluationResult) -> Iterator[str]:
    yield f"{result.task} · {result.model} · {result.data} · {result.score.count:,} rows"
    if result.options:
        yield "  " + ", ".join(f"{name} {value}" for name, value in result.options.items())
    yield ""
    inner = [f"  {name}" for by in (result.fields, *result.slices.values()) for name in by]
    name_width = max(map(len, ["  all fields correct", *(rival.name for rival in result.rivals), *inner])) + 2
    yield f"{'score':{name_width}}{bar(result.score)}  {result.score}"
    yield f"{'all fields correct':{name_width}}{bar(result.exact)}  {result.exact}"
    for rival in result.rivals:
        yield ""
        yield f"{rival.name:{name_width}}{bar(rival.score)}  {rival.score}"
        yield f"{'  all fields correct':{name_width}}{bar(rival.exact)}  {rival.exact}"
        yield f"{'  the model is':{name_width}}{rival.ahead}"
        yield f"{'  and all fields':{name_width}}{rival.ahead_exact}"
    yield from interval_block("by field", result.fields, name_width)
    for name, by in result.slices.items():
        yield from interval_block(f"by {name}", by, name_width)
    if result.confidence:
        yield ""
        yield "confidence, on the rows that it was not fitted on"
        yield from confidence_lines(result.confidence)
    yield ""
    yield from notes(result)


def interval_block(title: str, intervals: Mapping[str, Interval], name_width: int) -> Iterator[str]:
    if intervals:
        yield ""
        yield title
        for name, interval in intervals.items():
            yield f"  {name:{name_width - 2}}{bar(interval)}  {interval}  n={interval.count}"


def notes(result: EvaluationResult) -> Iterator[str]:
    timing = result.timing
    yield (
        f"{timing.p50:.2f} s per answer (p95 {timing.p95:.2f}), {timing.at_once} at once; "
        f"{timing.prompt_tokens:.0f} tokens read, {timing.answer_tokens:.0f} written"
    )
    if not result.rivals:
        yield "no examples, so no baselines (add some with task.examples.add, or seeds beside the task's file)"
    if result.failed:
        yield f"{result.failed} rows without an answer count as 0 (report.worst() shows why)"
    if result.unread_count:
        yield f"{result.unread_count} rows could not be read and are not counted:"
        yield from (f"  {reason}" for reason in result.unread)
    if result.unquotable:
        yield f"{result.unquotable} rows quote values that do not stand in their input: no answer to them is right"
    if result.known:
        yield f"{result.known} rows are among the task's own examples: their scores do not generalize"
