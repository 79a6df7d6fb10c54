"""Measures of one task in one split, for the model and each baseline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plait.core.evaluation.interval import Interval
from plait.foundation.unified.suite.questions import TASKS_WITH_KINDS
from plait.foundation.unified.suite.task_metrics import METRICS, AnsweredQuestion, AnsweredQuestions, Metric

SLICE_KEYS: Mapping[str, Callable[[AnsweredQuestion], str]] = {
    "language": lambda row: row.question.item.language,
    "things": lambda row: str(len(row.question.scene.things)),
    "kind": lambda row: row.question.item.kind if row.question.item.task in TASKS_WITH_KINDS else "",
}


@dataclass(frozen=True)
class SuiteResult:
    """`measures` covers all questions except extra ones. `slices` has the first measure by language, by number of
    things and, with the extra questions, by kind.
    """

    task: str
    split: str
    solver: str
    measures: Mapping[str, Interval]
    slices: Mapping[str, Mapping[str, Interval]]


def build_result(solver: str, rows: AnsweredQuestions) -> SuiteResult:
    """Computes the result from rows of one task and one split."""
    task = rows[0].question.item.task
    metrics = METRICS[task]
    main = [row for row in rows if not row.question.extra]
    measures = {metric.name: metric.interval(main) for metric in metrics}
    slices = {by: slice_intervals(metrics[0], rows if by == "kind" else main, key) for by, key in SLICE_KEYS.items()}
    shown_slices = {by: intervals for by, intervals in slices.items() if len(intervals) > 1}
    return SuiteResult(task, rows[0].question.split, solver, measures, shown_slices)


def slice_intervals(
    metric: Metric, rows: AnsweredQuestions, key: Callable[[AnsweredQuestion], str]
) -> dict[str, Interval]:
    groups: dict[str, list[AnsweredQuestion]] = {}
    for row in rows:
        groups.setdefault(key(row), []).append(row)
    return {value: metric.interval(group) for value, group in sorted(groups.items())}
