"""Routes as they are kept, for tests: of models that no test needs to have measured."""

from collections.abc import Sequence
from dataclasses import replace

from plait.core.engine.calibration_files import find_calibration
from plait.core.evaluation.interval import Interval
from plait.core.task.declaration import Declaration
from plait.service.models.model_route import ModelRoute, RouteContent, RouteFigures, RouteStep
from plait.service.models.version_models import project_of

FIGURES = RouteFigures(Interval(0.9, 0.8, 1.0, 40), 0.5, 0.0, (0.75, 0.25))


def route_of(declaration: Declaration, steps: Sequence[RouteStep], name: str = "mail-route") -> ModelRoute:
    """A route of these steps; those with a threshold belong to the calibrations of now."""
    content = RouteContent(
        tuple(with_calibration(declaration, step) for step in steps), FIGURES, "mail", "plait route mail"
    )
    return ModelRoute(project_of(declaration), name, declaration.name, declaration.fingerprint, content)


def with_calibration(declaration: Declaration, step: RouteStep) -> RouteStep:
    calibration = find_calibration(declaration, step.model)
    return replace(step, calibration=calibration.digest if calibration and step.threshold is not None else "")
