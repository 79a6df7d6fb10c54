"""Adapting over HTTP: `POST /v1/tasks/NAME/adapt` starts, or resumes without a body; `GET` tells how far it is.

`DELETE` stops it, after a checkpoint. The key has to be one of `admin_keys`: the result may answer everybody, and the
verdict quotes rows of all callers.
"""

import asyncio
from dataclasses import asdict
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.requests import Request
from starlette.responses import Response

from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.values.json_text import dumps, loads
from plait.core.values.json_value import Json
from plait.core.values.quoting import quote
from plait.http.adapt_schema import ADAPT_HINT
from plait.http.requests import read_body
from plait.http.responses import json_response
from plait.http.security import check_admin
from plait.learning.adapt_jobs import AdaptJobs
from plait.learning.adapt_options import AdaptRequestOptions
from plait.learning.adapt_status import AdaptStatus
from plait.learning.manifest import task_project
from plait.learning.stored_verdicts import verdict_of_version
from plait.learning.verdict import GateVerdict
from plait.service.live_catalog import LiveCatalog
from plait.service.models.registry import current_registry

OPTIONS: TypeAdapter[AdaptRequestOptions] = TypeAdapter(AdaptRequestOptions)
STARTED = 202


class AdaptEndpoints:
    """The endpoints over the catalog of tasks and the processes that adapt them."""

    def __init__(self, catalog: LiveCatalog, jobs: AdaptJobs) -> None:
        self.catalog, self.jobs = catalog, jobs

    async def status(self, request: Request) -> Response:
        return await self.respond(self.declaration(request))

    async def start(self, request: Request) -> Response:
        declaration = self.declaration(request)
        body = await read_body(request)
        if body.strip():
            options = parse_adapt_options(loads(body, "the body"))
        else:
            resumed = await asyncio.to_thread(self.jobs.options_to_resume, declaration)
            options = resumed or AdaptRequestOptions()
        await asyncio.to_thread(self.jobs.start, declaration, options)
        return await self.respond(declaration, STARTED)

    async def stop(self, request: Request) -> Response:
        declaration = self.declaration(request)
        await asyncio.to_thread(self.jobs.stop, declaration)
        return await self.respond(declaration, STARTED)

    def declaration(self, request: Request) -> Declaration:
        """The task of the request. Raises Forbidden, TaskNotFound."""
        check_admin(request)
        return self.catalog[request.path_params["name"]].declaration

    async def respond(self, declaration: Declaration, status_code: int = 200) -> Response:
        status = await asyncio.to_thread(self.jobs.status, declaration)
        verdict = await asyncio.to_thread(status_verdict, declaration, status)
        return json_response(status_json(status, verdict), status_code, {"cache-control": "no-store"})


def parse_adapt_options(json_value: Json) -> AdaptRequestOptions:
    """The options of a request to adapt. Raises InputError."""
    try:
        options = OPTIONS.validate_json(dumps(json_value))  # strict: a Python dict would not do
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(map(str, first["loc"]))
        raise InputError(
            f"this is no request to adapt a task: {quote(json_value)}",
            hint=f"{f'{name}: ' if name else ''}{first['msg']}\n{ADAPT_HINT}",
        ) from None
    fault = options.fault
    if fault:
        raise InputError(fault, hint=ADAPT_HINT)
    return options


def status_verdict(declaration: Declaration, status: AdaptStatus) -> GateVerdict | None:
    """The verdict on the version that the last adaptation made."""
    version = status.progress.version
    return verdict_of_version(current_registry(), task_project(declaration), version) if version else None


def status_json(status: AdaptStatus, verdict: GateVerdict | None) -> dict[str, Any]:
    progress = status.progress
    names = ("state", "phase", "done", "total", "model", "run", "version", "promoted", "is_paused", "paused_seconds")
    return {
        **{name: getattr(progress, name) for name in (*names, "error", "hint", "updated")},
        "tokens_per_second": status.tokens_per_second,
        "seconds_left": status.seconds_left,
        "losses": [list(point) for point in status.losses],
        "verdict": asdict(verdict) if verdict else None,
    }
