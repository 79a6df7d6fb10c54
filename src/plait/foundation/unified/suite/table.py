"""Report of a suite as a table for the terminal: scores of the model with intervals, baselines beside them.

The order is: each task in the split `seen`, its slices, then the held-out splits.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from plait.core.evaluation.interval import Interval
from plait.core.evaluation.table import bar
from plait.foundation.unified.suite.results import SuiteResult
from plait.foundation.unified.suite.task_metrics import metric_maximum

if TYPE_CHECKING:
    from plait.foundation.unified.suite.report import SuiteReport

NAME, SCORE, COUNT, RIVAL, BAR = 20, 22, 8, 10, 12  # characters of the columns
HELD_OUT_TITLES = {
    "style": "a style never seen",
    "identities": "pictograms never seen",
    "triples": "combinations never seen",
}

Measures = Mapping[str, Interval]


def report_lines(report: "SuiteReport") -> Iterator[str]:
    yield f"{report.suite} · {report.model} · seed {report.seed} · {report.asked:,} questions, {report.seconds:.0f} s"
    if report.asked < report.planned:
        yield f"stopped: these are the first of {report.planned:,} questions"
    if report.unanswered:
        yield f"{report.unanswered:,} questions without an answer count as wrong"
    yield ""
    yield heading(report)
    for task in tasks(report):
        yield task
        yield from block_lines(columns(report, task))
    for task in tasks(report):
        yield from part_lines(report, task)


def tasks(report: "SuiteReport") -> list[str]:
    return list(dict.fromkeys(each.task for each in report.results))


def solvers(report: "SuiteReport") -> list[str]:
    """The model, then the baselines."""
    return list(dict.fromkeys([report.model, *(each.solver for each in report.results)]))


def heading(report: "SuiteReport") -> str:
    model, *baselines = solvers(report)
    model_columns = f"{'':{NAME + 4}}{model:{BAR + 2 + SCORE}}{'n':>{COUNT}}"
    return model_columns + "".join(f"{name:>{RIVAL}}" for name in baselines)


def part_lines(report: "SuiteReport", task: str) -> Iterator[str]:
    result = report.result(task)
    baselines = [report.result(task, solver=name) for name in solvers(report)[1:]]
    for by in result.slices if result else ():
        yield f"\n{task} by {by}: {first_measure(result)}"
        yield from block_lines([slices(each, by) for each in (result, *baselines)])
    for split, title in HELD_OUT_TITLES.items():
        if report.result(task, split):
            yield f"\n{task}: {title}"
            yield from block_lines(columns(report, task, split))


def first_measure(result: SuiteResult | None) -> str:
    return next(iter(result.measures)) if result else ""


def slices(result: SuiteResult | None, by: str) -> Measures:
    return result.slices.get(by, {}) if result else {}


def columns(report: "SuiteReport", task: str, split: str = "seen") -> list[Measures]:
    results = [report.result(task, split, name) for name in solvers(report)]
    return [each.measures if each else {} for each in results]


def block_lines(columns: Sequence[Measures]) -> Iterator[str]:
    """Formats the column of the model in full, and of the baselines the means."""
    model_column, *baselines = columns
    for name, interval in model_column.items():
        if interval.count:
            means = "".join(f"{mean_text(column.get(name)):>{RIVAL}}" for column in baselines)
            value = f"{interval_bar(interval, metric_maximum(name))}  {interval!s:{SCORE}}{interval.count:{COUNT},}"
            yield f"  {name:{NAME}}  {value}{means}"


def interval_bar(interval: Interval, highest: float) -> str:
    low, middle, high = (each / highest for each in (interval.low, interval.mean, interval.high))
    return bar(Interval(middle, low, high, interval.count), BAR)


def mean_text(interval: Interval | None) -> str:
    return f"{interval.mean:.3f}" if interval and interval.count else ""
