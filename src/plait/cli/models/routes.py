"""Routes in the commands of `plait models`: listed, shown with their history, removed, and rolled back."""

from collections.abc import Iterator, Sequence

import click

from plait.cli.models.listing import print_table
from plait.cli.models.projects import chosen_project
from plait.cli.program_name import as_called
from plait.core.engine.protocol import Engine
from plait.core.errors import PlaitError
from plait.service.catalog import AnyTask, find_task
from plait.service.local_transport import LocalTransport
from plait.service.models.model_route import ModelRoute
from plait.service.models.model_version import day
from plait.service.models.route_registry import RouteChange, current_routes
from plait.service.route_calls import check_form, stale_reason


def project_of_route(name: str, project: str | None) -> str | None:
    """The named project, else that of the working folder, else the only one with a route of this name; None if there
    is no such route. Raises InputError if there are several.
    """
    projects = current_routes().projects(name)
    if not projects or (project is not None and project not in projects):
        return None
    return chosen_project(f"a route called {name}", projects, project)


def print_routes() -> None:
    """Prints the routes of all projects, with a blank line before; nothing if there are none."""
    routes = current_routes().routes()
    if routes:
        click.echo()
        print_table(list(route_rows(routes)), right=(2, 3))


def route_rows(routes: Sequence[ModelRoute]) -> Iterator[tuple[str, ...]]:
    """A header and a row per route; the project only if there are several."""
    several = len({each.project for each in routes}) > 1
    yield ("route", "task", "right", "seconds", "asks", *(["project"] if several else []))
    for each in routes:
        figures = each.content.figures
        row = (each.name, each.task, f"{figures.right.mean:.3f}", f"{figures.seconds:.3f}", str(each.content))
        yield (*row, *([each.project] if several else []))


def show_route(project: str, name: str) -> None:
    """Prints a route with its figures, why it is stale, and its history."""
    routes = current_routes()
    route = routes.route(project, name)
    if route is not None:
        click.echo("\n".join(route_lines(route)))
    for each in routes.history(project, name):
        click.echo(f"  {day(each.created_at)}  {change_text(each)}")


def route_lines(route: ModelRoute) -> Iterator[str]:
    figures = route.content.figures
    yield f"{route.name} → {route.content}"
    yield f"  right    {figures.right} of {figures.right.count} rows"
    money = f", {1000 * figures.money:.4g} of money per 1,000" if figures.money else ""
    yield f"  cost     {figures.seconds:.3f} seconds per answer{money}"
    shares = zip(route.content.steps, figures.shares, strict=True)
    yield f"  answers  {', '.join(f'{step.answered_by} {share:.0%}' for step, share in shares)}"
    yield f"  state    {state_text(route)}"
    yield f"  anew     {as_called(route.content.command)}"


def state_text(route: ModelRoute) -> str:
    """Whether the models are those that were measured, as far as is known before they answer."""
    try:
        task, _ = find_task(route.content.address)
        check_form(route, task.declaration)
        reasons = stale_reasons(route, task)
    except PlaitError as error:
        return f"cannot be told: {error.message}"
    return f"stale: {'; '.join(reasons)}" if reasons else "as measured"


def stale_reasons(route: ModelRoute, task: AnyTask) -> list[str]:
    transport, code_engines = LocalTransport(), tuple(task.code_engines)

    def engine_of(name: str) -> Engine:
        return transport.engine_for(task.declaration, name, code_engines)

    return [reason for step in route.content.steps if (reason := stale_reason(task.declaration, step, engine_of))]


def change_text(change: RouteChange) -> str:
    return f"{change.route.content if change.route else 'no route'}  {change.reason}".rstrip()


def remove_route(project: str, name: str) -> None:
    route = current_routes().remove(project, name)
    click.echo(f"removed {route.name}")
    click.echo(as_called(f"plait models rollback {name} brings it back"), err=True)


def roll_back_route(project: str, name: str, reason: str) -> None:
    routes = current_routes()
    before = routes.route(project, name)
    route = routes.rollback(project, name, reason)
    click.echo(f"{name} → {route.content if route else 'no route'}")
    click.echo(
        as_called(f"plait models rollback {name} returns to {before.content if before else 'no route'}"), err=True
    )
