"""`plait route TASK`: the models and thresholds that keep a goal at the least cost, kept under a name."""

import shlex
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from plait.core.calls import event_loop
from plait.core.calls.transport import local_transport
from plait.core.task.declaration import Declaration
from plait.core.task.printed_call import task_address
from plait.learning.route_answers import (
    AskedModel,
    RouteRows,
    ask_candidate,
    candidate_plan,
    forget_answers,
    route_rows,
    write_rows,
)
from plait.learning.route_candidates import RouteCandidate, check_free_name, route_candidates
from plait.learning.route_curve import BEST_ALONE, ModelAnswers, RouteGoal, chosen_point, curve, in_order, routed_rows
from plait.learning.route_report import CurvePoint, RouteReport, curve_point, model_alone, notes, objections
from plait.service.catalog import AnyTask
from plait.service.local_transport import LocalTransport
from plait.service.models.model_route import ModelRoute, RouteContent, RouteStep
from plait.service.models.route_registry import current_routes
from plait.service.models.version_models import project_of
from plait.service.route_calls import calibration_digest

CONCURRENCY = 4  # rows answered at once: an answer's seconds are measured under this load
ROWS = 240
Tell = Callable[[str], None]


@dataclass(frozen=True)
class RoutePlan:
    """What a route is made of. No `models` means all that can answer the task; `rows` is the largest number of rows."""

    task: AnyTask
    files: tuple[Path, ...]
    models: tuple[str, ...] = ()
    name: str = ""
    goal: RouteGoal = BEST_ALONE
    rows: int = ROWS
    concurrency: int = CONCURRENCY
    fresh: bool = False

    @property
    def declaration(self) -> Declaration:
        return self.task.declaration

    @property
    def route_name(self) -> str:
        return self.name or f"{self.declaration.name}-route"


def find_best_route(plan: RoutePlan, tell: Tell = lambda line: None) -> RouteReport:
    """The report of a route, which is kept under its name unless there are objections.

    Raises InputError for models, rows or a name that make no route, and the errors of engines.
    """
    transport = local_transport()
    assert isinstance(transport, LocalTransport), "the transport of this process is Plait's own"
    check_free_name(plan.task, plan.route_name)
    candidates = route_candidates(plan.task, plan.models, transport)
    rows = route_rows(plan.declaration, plan.files, plan.rows)
    file = write_rows(plan.declaration, rows)
    asked = event_loop.run(ask_all(plan, candidates, file, transport, tell))
    report = route_report(plan, candidates, asked, rows)
    if report.route is not None and not report.objections:
        current_routes().keep(model_route(plan, candidates, report.route), f"goal: {report.goal}")
    forget_answers(file, asked)
    return report


async def ask_all(
    plan: RoutePlan, candidates: Sequence[RouteCandidate], file: Path, transport: LocalTransport, tell: Tell
) -> list[AskedModel]:
    """One model after the other: two at once would slow each other down."""
    asked: list[AskedModel] = []
    for each in candidates:
        tell(f"asking {each.name}")
        own_plan = candidate_plan(plan.declaration, file, each, plan.concurrency, plan.fresh)
        asked.append(await ask_candidate(own_plan, each, transport, tell))
    return asked


def route_report(
    plan: RoutePlan, candidates: Sequence[RouteCandidate], asked: Sequence[AskedModel], rows: RouteRows
) -> RouteReport:
    """The thresholds come from the rows that choose, every other figure from those that measure."""
    choosing = in_order([each.answers.part(rows.choosing) for each in asked])
    by_name = {each.answers.model: each.answers.part(rows.measuring) for each in asked}
    measuring = [by_name[each.model] for each in choosing]
    steps = [route_step(each, candidates, asked) for each in choosing]
    estimated = curve(choosing)
    chosen = chosen_point(estimated, choosing, plan.goal)
    points = tuple(curve_point(each, measuring, steps) for each in estimated)
    routed = None if chosen is None else routed_rows(estimated[chosen].chain, measuring)
    obstacles = {each.name: each.obstacle for each in candidates}
    models = tuple(
        model_alone(number, measuring, step, routed, obstacles[step.model]) for number, step in enumerate(steps)
    )
    route = None if chosen is None else points[chosen]
    return RouteReport(
        plan.declaration.name, plan.declaration.fingerprint, plan.route_name, str(plan.goal),
        ", ".join(map(str, plan.files)), len(rows.choosing), len(rows.measuring), points, chosen, models,
        tuple(objections(route, models, plan.goal, points[-1].estimate)), tuple(notes(route, models)),
    )  # fmt: skip


def route_step(model: ModelAnswers, candidates: Sequence[RouteCandidate], asked: Sequence[AskedModel]) -> RouteStep:
    """A model as a step, still without a threshold."""
    candidate = next(each for each in candidates if each.name == model.model)
    answered_by = next(each.answered_by for each in asked if each.answers.model == model.model)
    return RouteStep(model.model, None, answered_by, calibration_digest(candidate.calibration))


def model_route(plan: RoutePlan, candidates: Sequence[RouteCandidate], route: CurvePoint) -> ModelRoute:
    command = route_command(plan, [each.name for each in candidates])
    declaration = plan.declaration
    content = RouteContent(route.steps, route.figures, task_address(declaration), command)
    return ModelRoute(project_of(declaration), plan.route_name, declaration.name, declaration.fingerprint, content)


def route_command(plan: RoutePlan, models: Sequence[str]) -> str:
    """The command that measures the route anew, with the same models, rows and goal."""
    goal = plan.goal
    flags = [
        *(f"--data {shlex.quote(str(file))}" for file in plan.files if file not in plan.task.examples.held_out_files),
        *([f"--min-accuracy {goal.min_accuracy:g}"] if goal.min_accuracy is not None else []),
        *([f"--risk {goal.risk:g}"] if goal.risk is not None else []),
        *([f"--as {plan.name}"] if plan.name else []),
    ]
    return " ".join([f"plait route {task_address(plan.declaration)} --models {','.join(models)}", *flags])
