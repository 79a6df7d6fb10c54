"""The report of an evaluation: printed, saved, compared with another."""

from pathlib import Path

from plait.core.deprecation import renamed_property
from plait.core.errors import InputError
from plait.core.evaluation.interval import difference
from plait.core.evaluation.markdown import markdown
from plait.core.evaluation.report_file import read_report_file, report_json, write_report_file
from plait.core.evaluation.result import Comparison, EvaluationResult, RowResult
from plait.core.evaluation.table import table


class Report(EvaluationResult):
    """The result of an evaluation, with methods to inspect, compare and save it."""

    def worst(self, count: int = 10) -> tuple[RowResult, ...]:
        """The worst answers; at most 50 are kept."""
        return self.worst_rows[:count]

    def compare(self, other: "Report") -> Comparison:
        """The comparison with another model or setting on the same rows. Raises InputError if the rows differ."""
        if (self.task, self.digest) != (other.task, other.digest) or self.rows != other.rows:
            raise InputError(
                f"{other.task} on {other.data} cannot be compared with {self.task} on {self.data}: the rows differ",
                hint="evaluate both on the same file, with the same --limit",
            )
        name = ", ".join([other.model, *(f"{key} {value}" for key, value in other.options.items() if key != "model")])
        return Comparison(
            name,
            other.score,
            other.exact,
            difference(self.scores, other.scores),
            difference(self.exacts, other.exacts),
        )

    against = renamed_property("against", "compare")

    def __str__(self) -> str:
        return table(self)

    def save(self, file: str | Path) -> None:
        """Saves the report as .json, which `read` accepts, or as .md. Raises InputError, SettingsError."""
        path = Path(file)
        if path.suffix not in (".json", ".md"):
            raise InputError(f"a report is written as .json or .md, not {path.name}")
        write_report_file(path, markdown(self) if path.suffix == ".md" else report_json(self) + "\n")

    @staticmethod
    def read(file: str | Path) -> "Report":
        """The report from a saved .json file. Raises InputError."""
        return read_report_file(Report, file, "plait evaluate", "--out report.json")
