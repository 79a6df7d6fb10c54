"""The models that a route is made of: found by name, compared, and with the calibration that each decides by."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from plait.core.calls.transport import Call
from plait.core.engine.calibration import Calibration
from plait.core.engine.calibration_files import find_calibration
from plait.core.engine.protocol import Engine
from plait.core.errors import InputError
from plait.core.task.declaration import Declaration
from plait.core.task.options import Options
from plait.core.task.printed_call import task_address
from plait.service.catalog import AnyTask
from plait.service.confidence import deviation
from plait.service.local_transport import LocalTransport
from plait.service.models.discovery import known_models
from plait.service.models.model_route import check_route_name
from plait.service.models.route_registry import current_routes
from plait.service.models.version_models import project_of
from plait.service.route_calls import find_route, known_version

MAX_MODELS = 5
EXAMPLE = "a small one, then a large one: --models smollm2,gpu-box"


@dataclass(frozen=True)
class RouteCandidate:
    """A model that may be part of a route. `obstacle` says why its answers have no confidence; such a model can only
    be the last one. `prices` are of a million tokens read and written.
    """

    name: str
    engine: Engine
    calibration: Calibration | None
    obstacle: str = ""
    prices: tuple[float, float] = (0.0, 0.0)


def route_candidates(task: AnyTask, names: Sequence[str], transport: LocalTransport) -> list[RouteCandidate]:
    """The named models, otherwise all that can answer the task.

    Raises ModelNotFound, NoCapableModel, and InputError for models that make no route.
    """
    declaration = task.declaration
    named = list(names) or transport.capable_models(declaration, task.code_engines)
    if not 2 <= len(named) <= MAX_MODELS:
        one_is_there = f"{', '.join(named) or 'no model'} can answer {declaration.name}"
        message = f"{len(named)} models were named" if names else one_is_there
        raise InputError(f"{message}, and a route is made of two to {MAX_MODELS}", hint=EXAMPLE)
    for name in named:
        if find_route(declaration, name, task.code_engines):
            raise InputError(f"{name} is a route, and a route is made of models", hint=EXAMPLE)
    found = [route_candidate(task, name, transport) for name in named]
    check_different(found, transport)
    check_calibrated(declaration, found)
    return found


def route_candidate(task: AnyTask, name: str, transport: LocalTransport) -> RouteCandidate:
    engine = transport.engine_for(task.declaration, name, tuple(task.code_engines))
    model = transport.pool.model_of(engine)
    calibration = find_calibration(task.declaration, engine.name)
    obstacle = calibration_obstacle(task.declaration, name, engine, calibration)
    prices = model.config.prices if model else (0.0, 0.0)
    return RouteCandidate(name, engine, None if obstacle else calibration, obstacle, prices)


def calibration_obstacle(declaration: Declaration, name: str, engine: Engine, calibration: Calibration | None) -> str:
    """Why the answers of a model have no confidence; "" if they have one, as far as is known before it answers."""
    if calibration is None:
        return "it is not calibrated"
    if reason := deviation(Call(declaration, {}, Options(model=name)), engine, calibration):
        return f"its calibration was made otherwise: {reason}"
    if known_version(engine) not in ("", calibration.model):
        return f"its calibration is that of {calibration.model}"
    return ""


def check_different(found: Sequence[RouteCandidate], transport: LocalTransport) -> None:
    """Raises InputError if two names mean the same model."""
    for one, other in combinations(found, 2):
        models = [transport.pool.model_of(each.engine) for each in (one, other)]
        same_table = models[0] is not None and models[1] is not None and models[0].config == models[1].config
        if one.engine is other.engine or same_table:
            names = one.name if one.name == other.name else f"{one.name} and {other.name}"
            raise InputError(f"{names} is the same model twice" if names == one.name else f"{names} are the same model",
                             hint=f"leave one of them out; {EXAMPLE}")  # fmt: skip


def check_calibrated(declaration: Declaration, found: Sequence[RouteCandidate]) -> None:
    """Raises InputError if more than one model has no confidence: only the last model of a route can do without."""
    without = [each for each in found if each.obstacle]
    if len(without) > 1:
        reasons = "; ".join(f"{each.name}: {each.obstacle}" for each in without)
        raise InputError(
            f"{len(without)} of {len(found)} models have no confidence, and only the last of a route can do without "
            f"({reasons})",
            hint="\n".join(calibrate_commands(declaration, without)),
        )


def calibrate_commands(declaration: Declaration, candidates: Sequence[RouteCandidate]) -> Iterator[str]:
    for each in candidates:
        yield f"plait evaluate {task_address(declaration)} --model {each.name} --calibrate"


def check_free_name(task: AnyTask, name: str) -> None:
    """Raises InputError for a name that a route cannot have, or that a model or a route of another task has."""
    check_route_name(name)
    known = current_routes().route(project_of(task.declaration), name)
    if known is not None and known.task != task.declaration.name:
        raise InputError(f"{name} is a route of {known.task}", hint=f"another name: --as {task.declaration.name}-route")
    if any(each.name == name for each in (*task.code_engines, *known_models())):
        raise InputError(f"{name} is the name of a model", hint=f"another one: --as {task.declaration.name}-route")
