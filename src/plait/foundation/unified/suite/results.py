"""What was measured of one task in one split, for the model and each baseline."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from plait.core.evaluation.interval import Interval
from plait.foundation.unified.suite.questions import KINDS
from plait.foundation.unified.suite.task_metrics import SHEETS, Judged, Measure, Rows

BY: Mapping[str, Callable[[Judged], str]] = {
    "language": lambda row: row.question.item.language,
    "things": lambda row: str(len(row.question.scene.things)),
    "kind": lambda row: row.question.item.kind if row.question.item.task in KINDS else "",
}


@dataclass(frozen=True)
class Result:
    """`measures` is of all questions but the extra ones; `slices` is the first measure by language, by number of things
    and, with the extra ones, by kind of question.
    """

    task: str
    split: str
    solver: str
    measures: Mapping[str, Interval]
    slices: Mapping[str, Mapping[str, Interval]]


def result(solver: str, rows: Rows) -> Result:
    """Of rows that are all of one task and one split."""
    task = rows[0].question.item.task
    sheet = SHEETS[task]
    main = [row for row in rows if not row.question.extra]
    measures = {measure.name: measure.interval(main) for measure in sheet}
    slices = {by: sliced(sheet[0], rows if by == "kind" else main, key) for by, key in BY.items()}
    kept = {by: found for by, found in slices.items() if len(found) > 1}
    return Result(task, rows[0].question.split, solver, measures, kept)


def sliced(measure: Measure, rows: Rows, key: Callable[[Judged], str]) -> dict[str, Interval]:
    parts: dict[str, list[Judged]] = {}
    for row in rows:
        parts.setdefault(key(row), []).append(row)
    return {value: measure.interval(part) for value, part in sorted(parts.items())}
