"""A task's Improve page: what it has to learn from, one button, progress, the verdict, promote and roll back."""

import asyncio
from dataclasses import replace

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from plait.core.errors import PlaitError
from plait.core.task.declaration import Declaration
from plait.http.adapt_routes import parse_adapt_options, status_verdict
from plait.http.alias_forms import (
    Fields,
    acting_person,
    alias_card,
    apply_change,
    positive_number,
    read_fields,
    whole_number,
)
from plait.http.pages import NO_STORE, page_response, read_page_context
from plait.http.responses import http_status
from plait.http.security import check_admin
from plait.learning.adapt import is_adaptable
from plait.learning.adapt_jobs import AdaptJobs
from plait.learning.adapt_options import METHODS, AdaptRequestOptions
from plait.learning.adapt_status import AdaptStatus
from plait.learning.manifest import task_project
from plait.learning.readiness import readiness
from plait.learning.verdict_text import held_out_line
from plait.service.catalog import AnyTask
from plait.service.engines.llamacpp.config import EMBEDDED
from plait.service.live_catalog import LiveCatalog
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import known_models
from plait.service.models.registry import current_registry
from plait.web.improve import ImproveView, RunView, improve_fragment, improve_page
from plait.web.registry_views import AliasCard
from plait.web.views import Language

SEE_OTHER = 303


class ImprovePages:
    """The pages over the catalog, the models, and the processes that adapt them; for those who may administer."""

    def __init__(self, catalog: LiveCatalog, transport: LocalTransport, jobs: AdaptJobs) -> None:
        self.catalog, self.transport, self.jobs = catalog, transport, jobs

    async def show(self, request: Request) -> Response:
        """The page; with `part=live` what changes while the adaptation runs."""
        task = self.task(request)
        if request.query_params.get("part") == "live":
            status = await asyncio.to_thread(self.jobs.status, task.declaration)
            view = ImproveView(task.declaration, run_view(status))
            return HTMLResponse(improve_fragment(view, read_page_context(request)), headers=NO_STORE)
        return await self.page(request, task, AdaptRequestOptions(model=""))

    async def submit(self, request: Request) -> Response:
        """Handles the buttons improve, stop, promote and rollback."""
        task, fields = self.task(request), await read_fields(request)
        options = AdaptRequestOptions(model="")
        try:
            if fields.get("_do") == "improve":
                options = form_options(fields)
                await asyncio.to_thread(self.jobs.start, task.declaration, options)
            elif fields.get("_do") == "stop":
                await asyncio.to_thread(self.jobs.stop, task.declaration)
            elif fields.get("_do") in ("promote", "rollback"):
                own = {**fields, "project": task_project(task.declaration), "fingerprint": task.declaration.fingerprint}
                person = acting_person(request)
                await asyncio.to_thread(apply_change, current_registry(), fields["_do"], own, person)
        except PlaitError as error:
            return await self.page(request, task, options, error)
        return RedirectResponse(f"{request.url.path}?lang={read_page_context(request).language}", SEE_OTHER)

    def task(self, request: Request) -> AnyTask:
        """The task of the request. Raises Forbidden, TaskNotFound."""
        check_admin(request)
        return self.catalog[request.path_params["name"]]

    async def page(
        self, request: Request, task: AnyTask, options: AdaptRequestOptions, error: PlaitError | None = None
    ) -> Response:
        page_context = read_page_context(request)
        names = self.transport.capable_models(task.declaration, task.code_engines)
        view = await asyncio.to_thread(self.view, task.declaration, names, options, page_context.language)
        status = http_status(error) if error else 200
        return page_response(improve_page(replace(view, error=error), page_context), page_context, status)

    def view(
        self, declaration: Declaration, names: list[str], options: AdaptRequestOptions, language: Language
    ) -> ImproveView:
        status = self.jobs.status(declaration)
        if not options.model:  # nothing was chosen on this page yet
            options = self.jobs.options_to_resume(declaration) or options
        models = adaptable_models(names)
        model = next((each for each in (options.model, status.progress.model, *models) if each in models), EMBEDDED)
        verdict = status_verdict(declaration, status)
        return ImproveView(
            declaration,
            run_view(status),
            models,
            model,
            METHODS,
            options.method,
            options.gate_rows,
            options.epochs,
            options.learning_rate,
            not options.promote,
            options.from_base,
            readiness(declaration, model, options.gate_rows),
            verdict,
            held_out_line(verdict) if verdict else "",
            task_alias(declaration, model, language),
        )


def adaptable_models(names: list[str]) -> list[str]:
    """Those of these models that are files of weights without an adapter, in this order."""
    adaptable = {each.name for each in known_models() if is_adaptable(each)}
    return [name for name in names if name in adaptable]


def task_alias(declaration: Declaration, model: str, language: Language) -> AliasCard | None:
    """The alias of model and task; None before the first version."""
    card = alias_card(
        current_registry(), task_project(declaration), f"{model}/{declaration.name}", declaration.fingerprint, language
    )
    return card if card.versions else None


def form_options(fields: Fields) -> AdaptRequestOptions:
    """The options of the form. Raises InputError."""
    whole = (name for name in ("gate_rows", "epochs") if fields.get(name))
    numbers: dict[str, float] = {name: whole_number(fields[name], name) for name in whole}
    if text := fields.get("learning_rate"):
        numbers["learning_rate"] = positive_number(text, "learning_rate")
    model, method = fields.get("model", ""), fields.get("method") or "sft"
    choices = {"promote": "keep" not in fields, "from_base": "from_base" in fields}
    return parse_adapt_options({"model": model, "method": method, **choices, **numbers})


def run_view(status: AdaptStatus) -> RunView:
    progress = status.progress
    return RunView(
        progress.state,
        progress.phase,
        progress.done,
        progress.total,
        status.losses,
        status.tokens_per_second,
        status.seconds_left,
        progress.is_paused,
        progress.paused_seconds,
        progress.error,
        progress.hint,
        progress.options is not None,
    )
