"""`plait models remove`: remove a version that no alias leads to."""

import click

from plait.cli.models.projects import project_of_name, project_option
from plait.cli.models.routes import project_of_route, remove_route
from plait.cli.models.show import version_argument
from plait.service.models.model_version import day
from plait.service.models.registry import current_registry
from plait.storage.file_rows import KEEP_REMOVED, now


@click.command()
@click.argument("version")
@project_option
def remove(version: str, project: str | None) -> None:
    """Remove VERSION, as in `smollm2/home_command@3`, or a route. The file of a version stays for a week.

    Refused while an alias gives it calls, or would after a rollback.
    """
    route_project = project_of_route(version, project)
    if route_project is not None:
        return remove_route(route_project, version)
    registry = current_registry()
    name = version_argument(version)
    removed = registry.remove(project_of_name(registry, name.name, project), name.name, name.number or 0)
    click.echo(f"removed {removed.label}; its file stays until {day(now() + KEEP_REMOVED)}")
