"""What was measured of one task in one split, for the model and each baseline."""

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
    """`measures` is of all questions but the extra ones; `slices` is the first measure by language, by number of things
    and, with the extra ones, by kind of question.
    """

    task: str
    split: str
    solver: str
    measures: Mapping[str, Interval]
    slices: Mapping[str, Mapping[str, Interval]]


def build_result(solver: str, rows: AnsweredQuestions) -> SuiteResult:
    """Of rows that are all of one task and one split."""
    task = rows[0].question.item.task
    sheet = METRICS[task]
    main = [row for row in rows if not row.question.extra]
    measures = {measure.name: measure.interval(main) for measure in sheet}
    slices = {by: slice_intervals(sheet[0], rows if by == "kind" else main, key) for by, key in SLICE_KEYS.items()}
    kept = {by: found for by, found in slices.items() if len(found) > 1}
    return SuiteResult(task, rows[0].question.split, solver, measures, kept)


def slice_intervals(
    metric: Metric, rows: AnsweredQuestions, key: Callable[[AnsweredQuestion], str]
) -> dict[str, Interval]:
    parts: dict[str, list[AnsweredQuestion]] = {}
    for row in rows:
        parts.setdefault(key(row), []).append(row)
    return {value: metric.interval(part) for value, part in sorted(parts.items())}
