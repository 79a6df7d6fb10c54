"""Calls of a route: the models that answer it now.

A model that is no longer the one that was measured, or is calibrated anew, is passed over: its threshold says nothing
any more. The last model answers in any case. Both are said in the log, with the command that measures the route anew.
"""

import logging
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache

from plait.core.calls.transport import Call
from plait.core.engine.calibration import Calibration
from plait.core.engine.calibration_files import find_calibration
from plait.core.engine.protocol import VERSION, Engine, model_of_answer, name_of_model
from plait.core.errors import InputError, ModelNotFound, PlaitError
from plait.core.suggestions import nearest_name
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.service.cascade import CascadeStep, OtherVersion
from plait.service.confidence import deviation, refused_option
from plait.service.models.discovery import known_models
from plait.service.models.model_route import ModelRoute, RouteStep
from plait.service.version_routing import may_have_database

EngineOfModel = Callable[[str], Engine]  # Raises ModelNotFound, NoCapableModel
DEMANDS = ("min_confidence", "risk", "fallback")


def find_route(declaration: Declaration, name: str | None, code_engines: Sequence[Engine] = ()) -> ModelRoute | None:
    """The route of that name in the task's project; None if there is none, or if a model or an engine is called so.

    Raises InputError for a route of another task, or of another form of it.
    """
    if name is None or not may_have_database():
        return None
    from plait.service.models.route_registry import current_routes  # loads SQLAlchemy: 0.2 seconds
    from plait.service.models.version_models import project_of

    route = current_routes().route(project_of(declaration), name)
    if route is None or any(each.name == name for each in (*code_engines, *known_models())):
        return None
    check_form(route, declaration)
    return route


def unknown_model_error(error: ModelNotFound, declaration: Declaration, name: str) -> PlaitError:
    """The error for a name that no model has: it may be that of a route where one model is needed, or nearly so."""
    route = find_route(declaration, name)
    if route is not None:
        models = [step.model for step in route.content.steps]
        return InputError(f"{name} is a route, and one model is needed here", hint=f"name one of {', '.join(models)}")
    near = nearest_name(name, route_names(declaration))
    return ModelNotFound(error.message, hint=f"did you mean {near}?") if near else error


def route_names(declaration: Declaration) -> tuple[str, ...]:
    """The names of the routes that this form of a task has."""
    if not may_have_database():
        return ()
    from plait.service.models.route_registry import current_routes
    from plait.service.models.version_models import project_of

    known = current_routes().routes(project_of(declaration), declaration.name)
    return tuple(each.name for each in known if each.fingerprint == declaration.fingerprint)


def check_form(route: ModelRoute, declaration: Declaration) -> None:
    if route.task != declaration.name:
        raise InputError(
            f"{route.name} is a route of {route.task}, not of {declaration.name}",
            hint=f"plait route {task_address(declaration)}",
        )
    if route.fingerprint != declaration.fingerprint:
        raise InputError(
            f"{route.name} was measured on another form of {route.task}, with other inputs, types or wordings",
            hint=route.content.command,
        )


def route_steps(call: Call, route: ModelRoute, engine_of: EngineOfModel) -> tuple[CascadeStep, ...]:
    """The models that are asked. Raises InputError for options that the route was not measured with."""
    for name in DEMANDS:
        if (value := getattr(call.options, name)) is not None:
            message = f"cannot be combined with the route {route.name}, which has a threshold for each of its models"
            raise refused_option(name, value, message, f"leave {name} out, or name one of the models: {route.content}")
    return tuple(fresh_steps(call, route, engine_of))


def fresh_steps(call: Call, route: ModelRoute, engine_of: EngineOfModel) -> Iterator[CascadeStep]:
    for step in route.content.steps:
        try:
            reason = stale_reason(call.declaration, step, engine_of)
        except ModelNotFound as error:
            message = f"the route {route.name} asks {step.model} last: {error.message}"
            raise ModelNotFound(message, hint=f"{error.hint}\n{route.content.command}") from None
        if reason and not is_loading(call.declaration, step):
            warn_once(stale_text(route, reason))
        if step.threshold is None:
            yield CascadeStep(step.model, None, "" if reason else step.answered_by)
        elif not reason:
            check_options(call, route, step, engine_of(step.model))
            yield CascadeStep(step.model, step.threshold, step.answered_by)


def check_options(call: Call, route: ModelRoute, step: RouteStep, engine: Engine) -> None:
    calibration = find_calibration(call.declaration, engine.name)
    reason = deviation(call, engine, calibration) if calibration else ""
    if reason:
        message = f"names the route {route.name}, which was measured otherwise with {step.model}: {reason}"
        raise refused_option("model", route.name, message, f"leave that option out, or name a model: {route.content}")


def stale_reason(declaration: Declaration, step: RouteStep, engine_of: EngineOfModel) -> str:
    """Why a model of a route is not as it was measured; "" if it is, as far as is known before it answers.

    Raises ModelNotFound for a last model that is gone.
    """
    try:
        engine = engine_of(step.model)
    except ModelNotFound as error:
        if step.threshold is None:
            raise
        return error.message
    if engine.name != name_of_model(step.answered_by) or known_version(engine) not in ("", step.answered_by):
        return other_version_text(step, model_of_answer(engine))
    if (
        step.threshold is not None
        and calibration_digest(find_calibration(declaration, engine.name)) != step.calibration
    ):
        return f"{step.model} has another calibration now"
    return ""


def is_loading(declaration: Declaration, step: RouteStep) -> bool:
    """Whether the measured version is the one that the registry names: then another only stands in while it loads."""
    if not VERSION.fullmatch(step.answered_by):
        return False
    from plait.service.models.registry import current_registry
    from plait.service.models.version_models import project_of

    alias = step.answered_by.rpartition("@")[0]
    version = current_registry().resolve(project_of(declaration), alias, fingerprint=declaration.fingerprint)
    return version is not None and version.label == step.answered_by


def known_version(engine: Engine) -> str:
    """The version that will answer; "" for one that is known with its first answer only, as that of a server."""
    return model_of_answer(engine) if engine.digest or VERSION.fullmatch(engine.name) else ""


def other_version_text(step: RouteStep | CascadeStep, model: str) -> str:
    return f"{step.model} answers as {model} now, and {step.answered_by} was measured"


def calibration_digest(calibration: Calibration | None) -> str:
    return calibration.digest if calibration else ""


def stale_text(route: ModelRoute, reason: str) -> str:
    return f"the route {route.name} is stale: {reason}; measure it anew: {route.content.command}"


def warn_other_version(route: ModelRoute) -> OtherVersion:
    def warn(step: CascadeStep, model: str) -> None:
        warn_once(stale_text(route, other_version_text(step, model)))

    return warn


@lru_cache(maxsize=100)
def warn_once(message: str) -> None:
    logging.getLogger("plait").warning("%s", message)
