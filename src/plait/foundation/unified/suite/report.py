"""Report of a suite: save, read, and convert to score cards."""

from dataclasses import dataclass
from pathlib import Path

from plait.core.errors import InputError
from plait.core.evaluation.report_file import read_report_file, report_json, write_report_file
from plait.foundation.cards.card import ScoreCard
from plait.foundation.unified.suite.results import SuiteResult
from plait.foundation.unified.suite.table import report_lines


@dataclass(frozen=True)
class SuiteReport:
    """`model` is the solver that was evaluated; the other solvers of `results` are baselines on the same questions.

    `asked` of the `planned` questions were answered before an interruption; `unanswered` of them count as wrong.
    """

    suite: str
    model: str
    seed: int
    made: str
    seconds: float
    planned: int
    asked: int
    unanswered: int
    results: tuple[SuiteResult, ...]

    def result(self, task: str, split: str = "seen", solver: str = "") -> SuiteResult | None:
        """The result of a solver, by default the model; None if no question was asked."""
        key = task, split, solver or self.model
        return next((each for each in self.results if (each.task, each.split, each.solver) == key), None)

    def __str__(self) -> str:
        return "\n".join(report_lines(self))

    def json(self) -> str:
        return report_json(self)

    def save(self, file: str | Path) -> None:
        """Saves the report as JSON. Raises InputError, SettingsError."""
        path = Path(file)
        if path.suffix != ".json":
            raise InputError(f"the report of a suite is written as .json, not {path.name}")
        write_report_file(path, self.json() + "\n")

    @staticmethod
    def read(file: str | Path) -> "SuiteReport":
        """Reads a saved report. Raises InputError."""
        return read_report_file(SuiteReport, file, "a suite", "plait evaluate --suite unified --out FILE.json")


def score_cards(report: SuiteReport) -> tuple[ScoreCard, ...]:
    """Scores of the model and its baselines for the model card."""
    baselines = list(dict.fromkeys(each.solver for each in report.results if each.solver != report.model))
    return tuple(
        ScoreCard(
            result.task,
            result.split,
            measure,
            interval,
            baseline_means(report, result.task, result.split, measure, baselines),
        )
        for result in report.results
        if result.solver == report.model
        for measure, interval in result.measures.items()
    )


def baseline_means(report: SuiteReport, task: str, split: str, measure: str, solvers: list[str]) -> dict[str, float]:
    results = {name: report.result(task, split, name) for name in solvers}
    return {
        name: each.measures[measure].mean
        for name, each in results.items()
        if each and measure in each.measures and each.measures[measure].count
    }
