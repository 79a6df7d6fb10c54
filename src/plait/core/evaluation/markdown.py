"""An evaluation report as Markdown."""

from collections.abc import Iterator, Mapping

from plait.core.evaluation.calibration_text import confidence_lines
from plait.core.evaluation.interval import Interval
from plait.core.evaluation.result import EvaluationResult, RowResult
from plait.core.evaluation.table import bar, notes
from plait.core.values.json_text import dumps
from plait.core.values.quoting import shorten

MAX_WORST_SHOWN = 10
MAX_TEXT_LENGTH = 400  # characters of an input or answer that are shown


def markdown(result: EvaluationResult) -> str:
    return "\n".join(markdown_lines(result)) + "\n"


def markdown_lines(result: EvaluationResult) -> Iterator[str]:
    yield f"# {result.task}\n"
    yield f"{result.score.count:,} rows of `{result.data}` (sha256 {result.digest[:12]}), answered by `{result.model}`"
    yield f"on {result.made}. Intervals are of 95 %, by bootstrap over rows.\n"
    if result.options:
        yield "Options: " + ", ".join(f"{name} = {value}" for name, value in result.options.items()) + ".\n"
    yield "| | score | | all fields correct | | the model is ahead by (score) | (all fields correct) |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    yield f"| **{result.model}** | {interval_cells(result.score)} | {interval_cells(result.exact)} | | |"
    for rival in result.rivals:
        ahead = f"{rival.ahead} | {rival.ahead_exact}"
        yield f"| {rival.name} | {interval_cells(rival.score)} | {interval_cells(rival.exact)} | {ahead} |"
    yield from section("By field", result.fields)
    for name, by in result.slices.items():
        yield from section(f"By {name}", by)
    if result.confidence:
        yield "\n## Confidence\n"
        yield "On the rows that the calibration was not fitted on.\n"
        yield from (f"    {line}" for line in confidence_lines(result.confidence))
    yield "\n## Notes\n"
    yield from (f"- {note.strip()}" for note in notes(result))
    if result.worst_rows:
        yield "\n## Worst answers\n"
        for row_result in result.worst_rows[:MAX_WORST_SHOWN]:
            yield from worst_answer_lines(row_result)


def section(title: str, intervals: Mapping[str, Interval]) -> Iterator[str]:
    if intervals:
        yield f"\n## {title}\n"
        yield "| | score | | rows |"
        yield "| --- | --- | --- | --- |"
        for name, interval in intervals.items():
            yield f"| {name} | {interval_cells(interval)} | {interval.count} |"


def interval_cells(interval: Interval) -> str:
    return f"{interval} | `{bar(interval, 16)}`"


def worst_answer_lines(row: RowResult) -> Iterator[str]:
    yield f"### {row.where}: {row.score:.2f}\n"
    for name, value in (("input", row.inputs), ("answer", row.answer), ("right", row.reference)):
        if name != "answer" or not row.error:
            yield f"- {name}: `{in_code_span(dumps(value))}`"
    if row.error:
        yield f"- no answer: {row.error}"
    yield ""


def in_code_span(text: str) -> str:
    """The text for a code span, which its own backticks cannot end."""
    return shorten(text.replace("`", "'"), MAX_TEXT_LENGTH)
