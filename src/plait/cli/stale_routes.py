"""Tells which routes a command has made stale, with the commands that measure them anew."""

from collections.abc import Iterator

from plait.cli.program_name import as_called
from plait.core.engine.calibration import Calibration
from plait.core.task.declaration import Declaration
from plait.service.models.model_route import ModelRoute
from plait.service.models.model_version import ModelVersion
from plait.service.models.route_registry import current_routes
from plait.service.models.version_models import project_of
from plait.service.route_calls import stale_text


def stale_by_calibration(declaration: Declaration, calibration: Calibration) -> Iterator[str]:
    """The routes of the task that decide by another calibration of this model."""
    for route in current_routes().routes(project_of(declaration), declaration.name):
        for step in route.content.steps:
            is_same_model = step.threshold is not None and step.answered_by == calibration.model
            if is_same_model and step.calibration != calibration.digest:
                yield stale_line(route, f"{step.model} has another calibration now")


def stale_by_version(version: ModelVersion) -> Iterator[str]:
    """The routes of the task that were measured with what answered in place of this version before."""
    for route in current_routes().routes(version.project, version.task):
        for step in route.content.steps:
            if step.model in (version.base, version.name) and step.answered_by != version.label:
                yield stale_line(route, f"{step.model} answers as {version.label} now")


def stale_line(route: ModelRoute, reason: str) -> str:
    return as_called(stale_text(route, reason))
