"""The pages over a small server of their own, answered by a script: to look at, and for the browser's tests.

    python -m tests.support.page_harness 8899

Answers come slowly, piece by piece, as from a model. An input that says "fail" is answered with an error.
"""

import asyncio
import sys
from collections.abc import AsyncIterator
from typing import Any
from urllib.parse import parse_qs

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from plait.core.engine.protocol import Usage
from plait.core.engine.validation import Completed
from plait.core.errors import EngineDied, InputError, InvalidAnswer, PlaitError, Problem, TaskNotFound
from plait.core.values.forms import FormFields
from plait.core.values.inputs import inputs_from_json
from plait.core.values.json_text import dumps, parse_partial_json
from plait.web import pages
from plait.web.form import form_to_json
from plait.web.list_rows import apply_row_button
from plait.web.templating import HERE
from plait.web.views import PageContext, TaskView
from tests.support.web_tasks import ANSWERS, MISSING, TASKS, examples_of, task_listings

CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
PAUSE = 0.02


def page_context(request: Request) -> PageContext:
    language: Any = request.query_params.get("lang", "en")
    return PageContext(language, "smollm2-135m-instruct", request.query_params.get("state", "ready"), request.url.path)  # type: ignore[arg-type]


async def home(request: Request) -> Response:
    tasks = [] if "none" in request.query_params else task_listings()
    return page(pages.home_page(tasks, page_context(request), MISSING if "none" in request.query_params else None))


async def chat(request: Request) -> Response:
    return page(pages.chat_page((), page_context(request), MISSING))


async def task(request: Request) -> Response:
    declared = TASKS[request.path_params["name"]]
    rows = examples_of(declared)
    if "example" not in request.query_params:
        return page(pages.task_page(TaskView(declared, example_count=len(rows)), page_context(request)))
    place = int(request.query_params["example"])
    inputs = {name: json_value for name, json_value in rows[place].items() if name != "answer"}
    view = TaskView(declared, inputs=inputs, example_count=len(rows), example_index=place)
    if "answered" in request.query_params:
        view = TaskView(**{**vars(view), "completed": completed(declared.name, rows[place]["answer"])})
    if "growing" in request.query_params:
        text = dumps(rows[place]["answer"])
        partial = parse_partial_json(text[: int(request.query_params["growing"])])
        view = TaskView(**{**vars(view), "is_streaming": True, "partial": partial})
    if "failed" in request.query_params:
        view = TaskView(**{**vars(view), "error": FAILURES[request.query_params["failed"]]})
    return page(pages.task_page(view, page_context(request)))


FAILURES: dict[str, PlaitError] = {
    "died": EngineDied("the engine of smollm2 ended", hint="it starts again with the next call"),
    "invalid": InvalidAnswer(
        "extract_invoice answered twice with an invalid value",
        answer='{"number":"MB-2026-0117","issued":"2026-02-31"}',
        problems=(
            Problem("answer.issued", "should be a date such as 2026-03-14: day is out of range", '"2026-02-31"'),
        ),
        hint="the answer is in error.answer; more shots or a larger model help (plait evaluate extract_invoice)",
    ),
    "input": InputError(
        "home_command cannot accept these inputs",
        problems=(
            Problem("devices.1.name", "is missing", ""),
            Problem("devices.2.kind", "should be one of light, cover, climate, media", '"lamp"'),
        ),
    ),
}


async def ask(request: Request) -> Response:
    declared = TASKS[request.path_params["name"]]
    sent = FormFields(parse_qs((await request.body()).decode(), keep_blank_values=True))
    changed = apply_row_button(sent)
    examples = len(examples_of(declared))
    if changed is not None:
        return page(
            pages.task_page(TaskView(declared, submitted=changed, example_count=examples), page_context(request))
        )
    view = TaskView(declared, submitted=sent, example_count=examples)
    try:
        json_value = form_to_json(declared, sent)
        inputs_from_json(declared, json_value)
        view = TaskView(declared, sent, json_value, example_count=examples)
        if "fail" in dumps(json_value):
            raise FAILURES["died"]
    except PlaitError as error:
        view = TaskView(declared, sent, view.inputs, error=error, example_count=examples)
    if "text/event-stream" in request.headers.get("accept", ""):
        return StreamingResponse(events(view, page_context(request)), media_type="text/event-stream", headers=HEADERS)
    if view.error is None:
        view = TaskView(declared, sent, view.inputs, completed=completed(declared.name), example_count=examples)
    return page(pages.task_page(view, page_context(request)), 200 if view.error is None else 422)


async def events(view: TaskView, page_context: PageContext) -> AsyncIterator[str]:
    if view.error is not None:
        yield event("error", html=pages.error_fragment(view, page_context))
        return
    answer = ANSWERS[view.declaration.name]
    text = answer if isinstance(answer, str) else dumps(answer)
    for end in range(0, len(text), 4):
        await asyncio.sleep(PAUSE)
        if isinstance(answer, str):
            yield event("piece", text=text[end : end + 4])
        else:
            partial = TaskView(
                view.declaration,
                view.submitted,
                view.inputs,
                is_streaming=True,
                partial=parse_partial_json(text[: end + 4]),
            )
            yield event("show", html=pages.answer_fragment(partial, page_context))
    answered_view = TaskView(view.declaration, view.submitted, view.inputs, completed=completed(view.declaration.name))
    yield event("done", html=pages.answer_fragment(answered_view, page_context))


def event(name: str, **data: str) -> str:
    return f"event: {name}\ndata: {dumps(data)}\n\n"


def completed(name: str, json_value: Any = None) -> Completed:
    json_value = ANSWERS[name] if json_value is None else json_value
    return Completed(None, json_value, "0a1b2c3d4e5f-1", "smollm2@5dc3a1f0c8be77", Usage(412, 63), 1.84)


async def not_found(request: Request, error: Exception) -> Response:
    missing_page = TaskNotFound(f"there is no page at {request.url.path}", hint="did you mean extract_invoice?")
    return page(pages.error_page(404, missing_page, page_context(request)), 404)


HEADERS = {"content-security-policy": CSP}


def page(html: str, status: int = 200) -> HTMLResponse:
    return HTMLResponse(html, status, HEADERS)


app = Starlette(
    routes=[
        Route("/", home),
        Route("/chat", chat),
        Route("/tasks/{name}", task, methods=["GET"]),
        Route("/tasks/{name}", ask, methods=["POST"]),
        Mount("/static", StaticFiles(directory=str(HERE / "static"))),
    ],
    exception_handlers={404: not_found, KeyError: not_found},
)

if __name__ == "__main__":
    uvicorn.run(app, port=int(sys.argv[1]), log_level="warning")
