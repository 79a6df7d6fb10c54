"""A file of rows on a task's page: each row is answered, and the answers come back as events or as one CSV file.

Nothing is kept: the answers live in the response and in the page that shows them, and end with it.
"""

import asyncio
import shlex
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import PurePath
from urllib.parse import quote as percent_encode

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.answer_table import answer_columns, csv_line
from plait.core.calls.batch import outcomes
from plait.core.calls.row_answers import RowAnswer, answer_row
from plait.core.calls.transport import Call
from plait.core.errors import EngineBusy, PlaitError, TimedOut
from plait.core.evaluation.rows import DatasetRow
from plait.core.prompting.examples import Examples
from plait.core.sse import MEDIA_TYPE, encode_event
from plait.core.task.options import OPTION_NAMES, parse_options
from plait.core.task.printed_call import task_address
from plait.http.pages import read_page_context
from plait.http.requests import read_upload
from plait.http.responses import ClosingResponse, EventStreamResponse
from plait.http.security import request_author
from plait.http.uploaded_rows import (
    BYTE_ORDER_MARK,
    UploadedRows,
    check_no_media,
    error_line,
    read_uploaded_rows,
    row_event,
    sample_file,
    table_head,
    table_line,
)
from plait.service.catalog import AnyTask
from plait.service.live_catalog import LiveCatalog
from plait.service.local_transport import LocalTransport
from plait.web.pages import error_fragment
from plait.web.views import PageContext, TaskView

FIELD = "rows"  # the name of the file in the form
MAX_SECONDS = 3_600.0  # for a whole file; each row has the timeout of a call besides
MAX_FILES = 2  # answered at once: whoever else asks waits behind 16 rows of each


class RowPages:
    """The pages over a catalog of tasks and the transport that answers them."""

    def __init__(self, catalog: LiveCatalog, transport: LocalTransport) -> None:
        self.catalog, self.transport, self.running = catalog, transport, 0

    async def sample(self, request: Request) -> Response:
        """A file with some examples, to fill in."""
        task = self.catalog[request.path_params["name"]]
        check_no_media(task.declaration)
        examples = Examples(task.declaration, request_author(request))
        content = await asyncio.to_thread(sample_file, examples, read_page_context(request).language)
        headers = download_headers(f"{task.declaration.name}.csv")
        return Response(content, media_type="text/csv; charset=utf-8", headers=headers)

    async def submit(self, request: Request) -> Response:
        """Answers the rows of the file: as events for a script, else as one CSV file."""
        task = self.catalog[request.path_params["name"]]
        streamed = MEDIA_TYPE in request.headers.get("accept", "")
        try:
            check_no_media(task.declaration)
            call = rows_call(task, request)
            name, content = await read_upload(request, FIELD)
            uploaded = await asyncio.to_thread(read_uploaded_rows, task.declaration, name, content)
            self.check_load()
        except PlaitError as error:
            if streamed:
                page_context = read_page_context(request)
                html = error_fragment(TaskView(task.declaration, error=error), page_context)
                return Response(encode_event({"html": html}, "error"), media_type=MEDIA_TYPE)
            raise
        if streamed:
            return EventStreamResponse(self.events(uploaded, call, read_page_context(request)))
        headers = download_headers(f"{PurePath(name).stem}-answers.csv")
        return ClosingResponse(self.table(uploaded, call), "text/csv; charset=utf-8", headers)

    def check_load(self) -> None:
        if self.running >= MAX_FILES:
            raise EngineBusy(f"{self.running} files are answered at the moment", hint="try again when one is done")

    async def events(
        self, uploaded: UploadedRows, call: Call, page_context: PageContext
    ) -> AsyncGenerator[bytes, None]:
        """The head of the table, each row with its line of the CSV file, and the end."""
        declaration = call.declaration
        head = {
            "total": len(uploaded.rows),
            "columns": list(answer_columns(declaration)),
            "unused": uploaded.unused_columns(declaration),
            "line": BYTE_ORDER_MARK + table_head(uploaded, declaration),
            "file": f"{PurePath(uploaded.name).stem}-answers.csv",
        }
        yield encode_event(head, "head")
        try:
            async with aclosing(self.answers(uploaded, call)) as answers:
                async for row, answer in answers:
                    yield encode_event(row_event(uploaded, row, answer, declaration), "row")
            yield encode_event({}, "done")
        except PlaitError as error:
            html = error_fragment(TaskView(declaration, error=error), page_context)
            yield encode_event({"html": html}, "error")

    async def table(self, uploaded: UploadedRows, call: Call) -> AsyncGenerator[bytes, None]:
        """The lines of the CSV file. What ends it early is the error of the last line."""
        declaration = call.declaration
        yield (BYTE_ORDER_MARK + table_head(uploaded, declaration)).encode()
        try:
            async with aclosing(self.answers(uploaded, call)) as answers:
                async for row, answer in answers:
                    yield table_line(uploaded, row, answer, declaration).encode()
        except PlaitError as error:
            blank = [""] * (len(uploaded.columns) + len(answer_columns(declaration)))
            yield csv_line([*blank, error_line(error)]).encode()

    async def answers(self, uploaded: UploadedRows, call: Call) -> AsyncGenerator[tuple[DatasetRow, RowAnswer], None]:
        """The answers in the order of the rows. Raises TimedOut, and the errors that every row would have."""
        end = time.monotonic() + MAX_SECONDS
        self.running += 1
        try:
            answered = outcomes(lambda row: answer_row(self.transport, call, row), uploaded.rows)
            async with aclosing(answered):
                async for outcome in answered:
                    if outcome.error is not None:
                        raise outcome.error
                    yield uploaded.rows[outcome.row], outcome.answer
                    if time.monotonic() > end:
                        raise TimedOut(
                            f"{outcome.row + 1} of {len(uploaded.rows)} rows were answered within an hour",
                            hint=f"plait run {task_address(call.declaration)} --rows {shlex.quote(uploaded.name)} "
                            "has no limit, and resumes",
                        )
        finally:
            self.running -= 1


def rows_call(task: AnyTask, request: Request) -> Call:
    """The call of every row, without inputs. Its answers are not kept for corrections: there may be thousands."""
    options = parse_options(
        {name: text for name, text in request.query_params.items() if name in OPTION_NAMES and text}
    )
    engines = tuple(task.code_engines)
    return Call(task.declaration, {}, options, engines, author=request_author(request), can_correct=False)


def download_headers(name: str) -> dict[str, str]:
    return {"content-disposition": f"attachment; filename*=UTF-8''{percent_encode(name)}"}
