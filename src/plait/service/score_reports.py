"""The reports that the scores page of a task shows.

`plait evaluate` keeps the newest report of each model and data file in the data folder, by project. Until there is one,
a built-in task shows those that come with Plait.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from pydantic import BaseModel

import plait
from plait.core.config import settings
from plait.core.engine.protocol import name_of_model
from plait.core.errors import InputError, SettingsError
from plait.core.evaluation.interval import Interval
from plait.core.evaluation.report import Report
from plait.core.evaluation.report_file import report_json
from plait.core.prompting.project import project_folder, project_key
from plait.core.task.declaration import Declaration
from plait.core.values.durable_files import create, make_private_folder

BENCHMARKS = Path(plait.__file__).parents[2] / "benchmarks"  # beside the package, which is installed in place
SPLITS = ("seen", "style", "identities", "triples")  # of the generated suite, the easiest first


def reports_folder(declaration: Declaration) -> Path:
    return settings().data / "reports" / project_key(project_folder(declaration)) / declaration.name


def keep_report(declaration: Declaration, report: Report) -> Path:
    """Keeps a report for the task's scores page, instead of an earlier one of this model on this data.

    Raises SettingsError if the data folder cannot be written.
    """
    name = re.sub(r"[^\w.-]", "_", f"{name_of_model(report.model)}.{Path(report.data).stem}")[:120]
    file = reports_folder(declaration) / f"{name}.json"
    try:
        make_private_folder(file.parent)
        create(file, report_json(report).encode())
    except OSError as error:
        raise SettingsError(f"{file} cannot be written: {error.strerror}") from None
    return file


def score_reports(declaration: Declaration, *, is_built_in: bool) -> list[Report]:
    """The kept reports, the newest first; without any, those that come with a built-in task. Unreadable ones are left
    out.
    """
    kept = read_reports(reports_folder(declaration).glob("*.json"))
    if kept or not is_built_in:
        return kept
    scores, name = BENCHMARKS / "scores", declaration.name
    return read_reports([*scores.glob(f"{name}.json"), *scores.glob(f"{name}.*.json")])


def read_reports(files: Iterable[Path]) -> list[Report]:
    reports: list[Report] = []
    for file in files:
        try:
            reports.append(Report.read(file))
        except InputError:  # of an earlier version, or no report
            continue
    return sorted(reports, key=lambda report: (report.made, report.data), reverse=True)


# ── tasks that are measured by generated questions ──


@dataclass(frozen=True)
class SuiteMeasure:
    """A measure of a task by split. `baseline` is the best solver without a model on the easiest split."""

    name: str
    splits: Mapping[str, Interval]
    baseline: Interval | None


@dataclass(frozen=True)
class SuiteScores:
    """The measures of one task in a report of the generated suite."""

    task: str
    model: str
    made: str
    measures: tuple[SuiteMeasure, ...]


class MeasuredSplit(BaseModel):
    task: str
    split: str
    solver: str
    measures: dict[str, Interval]


class ShippedSuite(BaseModel):
    model: str
    made: str
    results: list[MeasuredSplit]


@cache
def shipped_suite() -> ShippedSuite | None:
    """The report of the generated suite that comes with Plait."""
    file = BENCHMARKS / "unified_suite.json"
    return ShippedSuite.model_validate_json(file.read_bytes()) if file.is_file() else None


def suite_scores(name: str) -> SuiteScores | None:
    """The measures of a built-in task that generated questions score; None for others."""
    report = shipped_suite()
    results = [] if report is None else [each for each in report.results if each.task == name]
    if report is None or not results:
        return None
    names = dict.fromkeys(measure for each in results for measure in each.measures)
    measures = tuple(suite_measure(measure, report.model, results) for measure in names)
    # Others, such as PSNR, are not on the scale of the bars; the model card has them.
    shares = tuple(each for each in measures if each.splits and all(0 <= at.high <= 1 for at in each.splits.values()))
    return SuiteScores(name, report.model, report.made, shares)


def suite_measure(name: str, model: str, results: list[MeasuredSplit]) -> SuiteMeasure:
    splits = {each.split: each.measures[name] for each in results if each.solver == model and name in each.measures}
    ordered = {split: splits[split] for split in SPLITS if split in splits}
    first = next(iter(ordered), "")
    baselines = [
        each.measures[name]
        for each in results
        if each.solver != model and each.split == first and name in each.measures
    ]
    return SuiteMeasure(name, ordered, max(baselines, key=lambda each: each.mean, default=None))
