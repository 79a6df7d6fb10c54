"""A report as a page of Markdown."""

from collections.abc import Iterator, Mapping

from plait.core.evaluation.interval import Interval
from plait.core.evaluation.result import Judged, Result
from plait.core.evaluation.table import bar, notes
from plait.core.values.json_text import dumps

WORST = 10
LONGEST = 400  # characters of an input or answer that are shown


def markdown(result: Result) -> str:
    return "\n".join(lines(result)) + "\n"


def lines(result: Result) -> Iterator[str]:
    yield f"# {result.task}\n"
    yield f"{result.score.count:,} rows of `{result.data}` (sha256 {result.digest[:12]}), answered by `{result.model}`"
    yield f"on {result.made}. Intervals are of 95 %, by bootstrap over rows.\n"
    if result.options:
        yield "Options: " + ", ".join(f"{name} = {value}" for name, value in result.options.items()) + ".\n"
    yield "| | score | | right in all | | the model is ahead by (score) | (right in all) |"
    yield "| --- | --- | --- | --- | --- | --- | --- |"
    yield f"| **{result.model}** | {cells(result.score)} | {cells(result.exact)} | | |"
    for rival in result.rivals:
        ahead = f"{rival.ahead} | {rival.ahead_exact}"
        yield f"| {rival.name} | {cells(rival.score)} | {cells(rival.exact)} | {ahead} |"
    yield from section("By field", result.fields)
    for name, by in result.slices.items():
        yield from section(f"By {name}", by)
    yield "\n## Notes\n"
    yield from (f"- {note.strip()}" for note in notes(result))
    if result.worst_rows:
        yield "\n## Worst answers\n"
        for judged in result.worst_rows[:WORST]:
            yield from told(judged)


def section(title: str, intervals: Mapping[str, Interval]) -> Iterator[str]:
    if intervals:
        yield f"\n## {title}\n"
        yield "| | score | | rows |"
        yield "| --- | --- | --- | --- |"
        for name, interval in intervals.items():
            yield f"| {name} | {cells(interval)} | {interval.count} |"


def cells(interval: Interval) -> str:
    return f"{interval} | `{bar(interval, 16)}`"


def told(judged: Judged) -> Iterator[str]:
    yield f"### {judged.where}: {judged.score:.2f}\n"
    for name, value in (("input", judged.inputs), ("answer", judged.answer), ("right", judged.reference)):
        if name != "answer" or not judged.error:
            yield f"- {name}: `{shortened(dumps(value))}`"
    if judged.error:
        yield f"- no answer: {judged.error}"
    yield ""


def shortened(text: str) -> str:
    """On one line, in code marks that the text's own cannot end."""
    text = text.replace("`", "'")
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"
