"""The page of all models: versions with their lineage, which of them answers, canary percentages, rollback, history."""

import asyncio

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from plait.core.errors import PlaitError
from plait.http.alias_forms import acting_person, alias_cards, apply_change, read_fields
from plait.http.pages import page_response, read_page_context
from plait.http.responses import http_status
from plait.http.security import check_admin
from plait.service.catalog import Catalog
from plait.service.models.discovery import Model, known_models, size_text
from plait.service.models.model_route import ModelRoute
from plait.service.models.registry import current_registry
from plait.service.models.route_registry import current_routes
from plait.service.models.shipped_adapters import shipped_models
from plait.web.improve import ModelsView, models_page
from plait.web.registry_views import ModelRow, RouteRow
from plait.web.views import Language

SEE_OTHER = 303


class ModelPages:
    """The page over the registry of the server's data folder, for those who may administer."""

    async def models(self, request: Request) -> Response:
        check_admin(request)
        return await self.page(request)

    async def submit(self, request: Request) -> Response:
        """Handles the buttons set and rollback."""
        check_admin(request)
        fields = await read_fields(request)
        button = "rollback" if fields.get("_do") == "rollback" else "set"
        try:
            await asyncio.to_thread(apply_change, current_registry(), button, fields, acting_person(request))
        except PlaitError as error:
            return await self.page(request, error)
        return RedirectResponse(f"/models?lang={read_page_context(request).language}", SEE_OTHER)

    async def page(self, request: Request, error: PlaitError | None = None) -> Response:
        page_context = read_page_context(request)
        view = await asyncio.to_thread(models_view, page_context.language, error)
        status = http_status(error) if error else 200
        return page_response(models_page(view, page_context), page_context, status)


def models_view(language: Language, error: PlaitError | None) -> ModelsView:
    installed = known_models()
    shipped = shipped_models(installed, (each.declaration for each in Catalog.all_installed()))
    rows = tuple(map(model_row, [*installed, *shipped]))
    routes = tuple(map(route_row, current_routes().routes()))
    return ModelsView(rows, tuple(alias_cards(current_registry(), language)), routes, error)


def route_row(route: ModelRoute) -> RouteRow:
    figures = route.content.figures
    right, seconds = str(figures.right), f"{figures.seconds:.3f}"
    return RouteRow(route.project, route.name, route.task, str(route.content), right, seconds)


def model_row(model: Model) -> ModelRow:
    config = model.config
    return ModelRow(model.name, size_text(config.file) if config.file else "", config.describe(model.name))
