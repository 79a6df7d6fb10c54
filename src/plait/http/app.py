"""The Starlette application: routes, security middleware, errors as JSON or as pages."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from functools import lru_cache
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

import plait
from plait.core.app import installed_apps
from plait.core.config import settings
from plait.core.errors import PlaitError
from plait.http.adapt_routes import AdaptEndpoints
from plait.http.answer_routes import AnswerEndpoints
from plait.http.correction_pages import CorrectionPages
from plait.http.feedback_routes import FeedbackEndpoints
from plait.http.improve_pages import ImprovePages
from plait.http.model_pages import ModelPages
from plait.http.openai.routes import OpenAIEndpoints, with_openai_errors
from plait.http.openapi import openapi_document
from plait.http.origin_routes import OriginEndpoints
from plait.http.pages import Pages
from plait.http.responses import error_object, error_response, json_response
from plait.http.row_pages import RowPages
from plait.http.score_pages import ScorePages
from plait.http.security import AccessPolicy, SecurityMiddleware
from plait.http.static_files import STATIC_FOLDER, CachedStaticFiles, vendored_file
from plait.http.task_routes import TaskEndpoints
from plait.learning.adapt_jobs import AdaptJobs
from plait.service.answer_redaction import log_unknown_names
from plait.service.answer_retention import keep_retention
from plait.service.catalog import AnyTask, Catalog
from plait.service.live_catalog import LiveCatalog, Report
from plait.service.local_transport import LocalTransport

ErrorHandler = Callable[[Request, Exception], Awaitable[Response]]


def create_app(
    tasks: Catalog | LiveCatalog,
    policy: AccessPolicy,
    transport: LocalTransport | None = None,
    report_reload: Report | None = None,
) -> Starlette:
    """The application with the endpoints under `/v1` and the pages. `report_reload` receives each later catalog."""
    catalog = tasks if isinstance(tasks, LiveCatalog) else LiveCatalog.from_catalog(tasks)
    transport = transport or LocalTransport(catalog=catalog)
    endpoints = TaskEndpoints(catalog, transport, plait.__version__)
    answers = AnswerEndpoints(catalog, transport)
    feedback, origins = FeedbackEndpoints(transport), OriginEndpoints(transport)
    openai = OpenAIEndpoints(transport)
    pages = Pages(catalog, transport)
    corrections = CorrectionPages(catalog, transport)
    rows = RowPages(catalog, transport)
    jobs = AdaptJobs()
    adapting, improving = AdaptEndpoints(catalog, jobs), ImprovePages(catalog, transport, jobs)

    @lru_cache(maxsize=1)
    def document(tasks: tuple[AnyTask, ...]) -> dict[str, Any]:
        return openapi_document(tasks, plait.__version__)

    async def serve_openapi(request: Request) -> Response:
        return json_response(document(catalog.current.tasks))

    return Starlette(
        routes=[
            *routes(endpoints, answers, feedback, origins, openai, pages, corrections, rows, ScorePages(catalog)),
            *admin_routes(adapting, improving, ModelPages()),
            Route("/openapi.json", serve_openapi),
            *app_routes(),
        ],
        middleware=[Middleware(SecurityMiddleware, policy=policy)],
        exception_handlers=error_handlers(pages),
        lifespan=lambda _: running(catalog, transport, jobs, report_reload),
    )


@asynccontextmanager
async def running(
    catalog: LiveCatalog, transport: LocalTransport, jobs: AdaptJobs, report_reload: Report | None
) -> AsyncIterator[None]:
    """What runs beside the requests: the watch of the files of tasks, retention. Adaptations and engines end too."""
    declarations = [each.declaration for each in catalog]
    log_unknown_names(settings().recording, declarations)
    beside = asyncio.create_task(catalog.watch(report_reload)), asyncio.create_task(keep_retention(declarations))
    yield
    for each in beside:
        each.cancel()
        with suppress(asyncio.CancelledError):
            await each
    await asyncio.to_thread(jobs.close)
    await transport.aclose()


def error_handlers(pages: Pages) -> dict[Any, ErrorHandler]:
    """The responses to errors: pages for browsers, JSON for programs."""

    async def handle_plait_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, PlaitError)
        return pages.error_response(request, error) if wants_html(request) else error_response(error)

    async def handle_http_error(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        plait_error = to_plait_error(request, error)
        return (
            pages.error_response(request, plait_error, error.status_code)
            if wants_html(request)
            else json_response(error_object(plait_error), error.status_code, dict(error.headers or {}))
        )

    async def handle_unexpected_error(request: Request, error: Exception) -> Response:
        plait_error = PlaitError(f"internal error: {type(error).__name__}", hint="the server's log has the traceback")
        return pages.error_response(request, plait_error) if wants_html(request) else error_response(plait_error)

    return {
        PlaitError: handle_plait_error,
        HTTPException: handle_http_error,
        ClientDisconnect: handle_disconnect,
        Exception: handle_unexpected_error,
    }


def routes(
    endpoints: TaskEndpoints,
    answers: AnswerEndpoints,
    feedback: FeedbackEndpoints,
    origins: OriginEndpoints,
    openai: OpenAIEndpoints,
    pages: Pages,
    corrections: CorrectionPages,
    rows: RowPages,
    scores: ScorePages,
) -> list[BaseRoute]:
    return [
        Route("/healthz", endpoints.health),
        Route("/v1/tasks", endpoints.tasks),
        Route("/v1/tasks/{name}", endpoints.task, methods=["GET"]),
        Route("/v1/tasks/{name}", endpoints.answer, methods=["POST"]),
        Route("/v1/answers/{id}", answers.answer),
        Route("/v1/answers/{id}/correction", answers.correct, methods=["POST"]),
        Route("/v1/answers/{id}/correction", answers.undo, methods=["DELETE"]),
        Route("/v1/answers/{id}/why", origins.why),
        Route("/v1/feedback", feedback.feedback, methods=["POST"]),
        Route("/v1/models", with_openai_errors(openai.models)),
        Route("/v1/models/{name:path}", with_openai_errors(openai.model)),
        Route("/v1/chat/completions", with_openai_errors(openai.chat), methods=["POST"]),
        Route("/v1/completions", with_openai_errors(openai.complete), methods=["POST"]),
        Route("/", pages.home),
        Route("/chat", pages.chat),
        Route("/docs", pages.api),
        Route("/tasks/{name}", pages.task, methods=["GET"]),
        Route("/tasks/{name}", pages.answer, methods=["POST"]),
        Route("/tasks/{name}/rows", rows.sample, methods=["GET"]),
        Route("/tasks/{name}/rows", rows.submit, methods=["POST"]),
        Route("/tasks/{name}/scores", scores.scores),
        Route("/answers/{id}", corrections.answer, methods=["GET"]),
        Route("/answers/{id}", corrections.submit, methods=["POST"]),
        Route("/answers/{id}/why", origins.page),
        Route("/vendor/{name}", vendored_file),
        Mount("/static", CachedStaticFiles(directory=STATIC_FOLDER)),
    ]


def admin_routes(adapting: AdaptEndpoints, improving: ImprovePages, models: ModelPages) -> list[BaseRoute]:
    """What only those may see and change who may administer."""
    return [
        Route("/v1/tasks/{name}/adapt", adapting.status, methods=["GET"]),
        Route("/v1/tasks/{name}/adapt", adapting.start, methods=["POST"]),
        Route("/v1/tasks/{name}/adapt", adapting.stop, methods=["DELETE"]),
        Route("/tasks/{name}/improve", improving.show, methods=["GET"]),
        Route("/tasks/{name}/improve", improving.submit, methods=["POST"]),
        Route("/models", models.models, methods=["GET"]),
        Route("/models", models.submit, methods=["POST"]),
    ]


def app_routes() -> list[BaseRoute]:
    """The routes of installed apps, behind the same middleware; none can replace one of Plait's own."""
    return [
        Route(route.path, handler, methods=[route.method])
        for each in installed_apps()
        for route in each.app.routes
        for handler in each.parts([route.handler])
    ]


def wants_html(request: Request) -> bool:
    return not request.url.path.startswith("/v1") and "text/html" in request.headers.get("accept", "")


def to_plait_error(request: Request, error: HTTPException) -> PlaitError:
    if error.status_code == 405:
        return PlaitError(
            f"{request.url.path} does not accept {request.method}", hint="GET /openapi.json lists paths and methods"
        )
    return PlaitError(f"{request.url.path} does not exist", hint="GET /v1/tasks lists the tasks")


async def handle_disconnect(request: Request, error: Exception) -> Response:
    """The response to a client that has left, which is not read; the work has been cancelled."""
    return Response(status_code=499)
