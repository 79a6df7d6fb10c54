"""The scores page of a task: its newest reports, or the command that makes one."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePath

from plait.core.engine.protocol import name_of_model
from plait.core.evaluation.interval import Interval
from plait.core.evaluation.result import EvaluationResult
from plait.core.prompting.examples import Examples
from plait.core.task.declaration import Declaration
from plait.web.bars import bar
from plait.web.formatting import label
from plait.web.headline import headline
from plait.web.pages import render_in_language
from plait.web.report import creation_time, report_variables
from plait.web.report_texts import REPORT_STRINGS
from plait.web.snippets import task_address
from plait.web.views import PageContext


@dataclass(frozen=True)
class SuiteRow:
    """A measure of a task on one kind of generated questions; `is_baseline` for the best solver without a model."""

    name: str
    interval: Interval
    is_baseline: bool = False


@dataclass(frozen=True)
class SuiteTable:
    """A measure on all kinds of generated questions."""

    measure: str
    rows: Sequence[SuiteRow]


@dataclass(frozen=True)
class ScoresView:
    """The reports of a task, the newest first; the page shows number `chosen`.

    `suite` are the measures of `suite_model` on generated questions, for a task that is measured by them.
    """

    declaration: Declaration
    reports: Sequence[EvaluationResult] = ()
    chosen: int = 0
    suite: Sequence[SuiteTable] = ()
    suite_model: str = ""
    suite_made: str = ""


def scores_page(view: ScoresView, page_context: PageContext) -> str:
    language = page_context.language
    report = view.reports[view.chosen] if view.reports else None
    variables = report_variables(report, language) if report else {"words": REPORT_STRINGS[language]}
    return render_in_language(
        "scores.html",
        page_context,
        view=view,
        has_report=report is not None,
        is_outdated=report is not None and report.fingerprint != view.declaration.fingerprint,
        choices=[report_name(each, page_context) for each in view.reports],
        head=headline(view.declaration, language),
        mark="",
        title=label(view.declaration.name),
        suite_created=creation_time(view.suite_made, language) if view.suite else "",
        command=evaluate_command(view.declaration),
        **{"bar": bar, **variables},
    )


def report_name(report: EvaluationResult, page_context: PageContext) -> str:
    """The name of a report in the list: model, data, date."""
    created = creation_time(report.made, page_context.language)
    return " · ".join((name_of_model(report.model), PurePath(report.data).stem, created))


def evaluate_command(declaration: Declaration) -> str:
    """The command that makes a report; the file of rows is named where the task has no held-out ones."""
    data = "" if Examples(declaration).held_out_files else " --data FILE.csv"
    return f"plait evaluate {task_address(declaration)}{data}"
