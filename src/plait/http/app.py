"""The application: routes, the guard before them, errors in one form."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

import plait
from plait.core.errors import PlaitError
from plait.http.openai.routes import OpenAIEndpoints, spoken
from plait.http.openapi import openapi
from plait.http.pages import Pages
from plait.http.responses import error_object, error_response, json_response
from plait.http.security import Guard, Rules
from plait.http.task_routes import Endpoints
from plait.service.catalog import Catalog
from plait.service.local_transport import LocalTransport

STATIC = Path(plait.__file__).parent / "web" / "static"


def app(catalog: Catalog, rules: Rules, transport: LocalTransport | None = None) -> Starlette:
    """Plait over HTTP: `/v1` for programs, pages for people."""
    transport = transport or LocalTransport(catalog=catalog)
    endpoints = Endpoints(catalog, transport, plait.__version__)
    openai = OpenAIEndpoints(transport)
    pages = Pages(catalog, transport)
    document = openapi(catalog, plait.__version__)

    async def described(request: Request) -> Response:
        return json_response(document)

    async def failed(request: Request, error: Exception) -> Response:
        assert isinstance(error, PlaitError)
        return pages.failed(request, error) if for_people(request) else error_response(error)

    async def not_found(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        told = no_such_page(request, error)
        return (
            pages.failed(request, told, error.status_code)
            if for_people(request)
            else json_response(error_object(told), error.status_code, dict(error.headers or {}))
        )

    async def broken(request: Request, error: Exception) -> Response:
        told = PlaitError(f"{type(error).__name__} where none should be", way_out="the server's own words tell where")
        return pages.failed(request, told) if for_people(request) else error_response(told)

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await transport.aclose()

    return Starlette(
        routes=[*routes(endpoints, openai, pages), Route("/openapi.json", described)],
        middleware=[Middleware(Guard, rules=rules)],
        exception_handlers={PlaitError: failed, HTTPException: not_found, ClientDisconnect: gone, Exception: broken},
        lifespan=lifespan,
    )


def routes(endpoints: Endpoints, openai: OpenAIEndpoints, pages: Pages) -> list[BaseRoute]:
    return [
        Route("/healthz", endpoints.health),
        Route("/v1/tasks", endpoints.tasks),
        Route("/v1/tasks/{name}", endpoints.task, methods=["GET"]),
        Route("/v1/tasks/{name}", endpoints.answer, methods=["POST"]),
        Route("/v1/models", spoken(openai.models)),
        Route("/v1/models/{name:path}", spoken(openai.model)),
        Route("/v1/chat/completions", spoken(openai.chat), methods=["POST"]),
        Route("/v1/completions", spoken(openai.complete), methods=["POST"]),
        Route("/", pages.home),
        Route("/chat", pages.chat),
        Route("/tasks/{name}", pages.task, methods=["GET"]),
        Route("/tasks/{name}", pages.answer, methods=["POST"]),
        Mount("/static", Kept(directory=STATIC)),
    ]


class Kept(StaticFiles):
    """Static files. A browser need not ask twice for those that a page names by their content's hash.

    A script that another imports has no hash: the browser asks whether it is still the same.
    """

    async def get_response(self, path: str, scope: Scope) -> Response:
        response = await super().get_response(path, scope)
        named = scope["query_string"].startswith(b"v=")
        response.headers["cache-control"] = "public, max-age=31536000, immutable" if named else "no-cache"
        return response


def for_people(request: Request) -> bool:
    return not request.url.path.startswith("/v1") and "text/html" in request.headers.get("accept", "")


def no_such_page(request: Request, error: HTTPException) -> PlaitError:
    if error.status_code == 405:
        return PlaitError(
            f"{request.url.path} does not take {request.method}", way_out="GET /openapi.json tells what there is"
        )
    return PlaitError(f"there is nothing at {request.url.path}", way_out="GET /v1/tasks lists the tasks")


async def gone(request: Request, error: Exception) -> Response:
    """Nobody reads this: the client has left, and the work has stopped."""
    return Response(status_code=499)
