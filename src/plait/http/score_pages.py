"""The scores page of a task."""

import asyncio

from starlette.requests import Request
from starlette.responses import Response

from plait.core.task.printed_call import is_built_in
from plait.http.pages import page_response, read_page_context
from plait.service.catalog import AnyTask
from plait.service.live_catalog import LiveCatalog
from plait.service.score_reports import SuiteMeasure, score_reports, suite_scores
from plait.web.scores import ScoresView, SuiteRow, SuiteTable, scores_page


class ScorePages:
    """The pages over a catalog of tasks."""

    def __init__(self, catalog: LiveCatalog) -> None:
        self.catalog = catalog

    async def scores(self, request: Request) -> Response:
        task, page_context = self.catalog[request.path_params["name"]], read_page_context(request)
        view = await asyncio.to_thread(scores_view, task, request.query_params.get("report", ""))
        return page_response(scores_page(view, page_context), page_context)


def scores_view(task: AnyTask, number: str) -> ScoresView:
    """The reports of a task; the newest is shown unless the address names another one."""
    reports = score_reports(task.declaration, is_built_in=is_built_in(task.declaration))
    index = int(number) if number.isascii() and number.isdecimal() and len(number) < 9 else 0
    suite = suite_scores(task.declaration.name) if is_built_in(task.declaration) and not reports else None
    view = ScoresView(task.declaration, reports, index if index < len(reports) else 0)
    if suite is None:
        return view
    tables = tuple(suite_table(each) for each in suite.measures)
    return ScoresView(task.declaration, suite=tables, suite_model=suite.model, suite_made=suite.made)


def suite_table(measure: SuiteMeasure) -> SuiteTable:
    rows = [SuiteRow(split, interval) for split, interval in measure.splits.items()]
    if measure.baseline is not None:
        rows.append(SuiteRow("baseline", measure.baseline, is_baseline=True))
    return SuiteTable(measure.name, rows)
