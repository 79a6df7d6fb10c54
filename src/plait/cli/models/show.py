"""`plait models show`: the lineage of a version, or an alias with its versions and history."""

import click

from plait.cli.models.listing import models_of_tasks, print_models
from plait.cli.models.projects import project_of_name, project_option
from plait.cli.models.routes import project_of_route, show_route
from plait.cli.models.version_table import print_version_table
from plait.core.errors import InputError
from plait.core.values.quoting import quote
from plait.learning.verdict import GateVerdict
from plait.service.models.discovery import known_models
from plait.service.models.model_version import VersionName, parse_version_name
from plait.service.models.registry import ModelRegistry, current_registry
from plait.service.models.version_text import alias_lines, lineage_lines


@click.command()
@click.argument("name")
@project_option
def show(name: str, project: str | None) -> None:
    """Show a version with its lineage (`smollm2/home_command@3`), an alias or a route with its history, or a model."""
    installed = known_models()
    model = next((each for each in installed if each.name == name), None)
    if model is not None:
        return print_models([model])
    shipped = [each for each in models_of_tasks(installed) if each.name == name]
    route_project = project_of_route(name, project)
    if route_project is not None:
        return show_route(route_project, name)
    registry, version = current_registry(), parse_version_name(name)
    if shipped and not registry.versions(project, name):
        return print_models(shipped)
    where = project_of_name(registry, version.name, project)
    if version.number is None:
        show_alias(registry, where, version.name)
    else:
        show_version(registry, where, version)


def show_alias(registry: ModelRegistry, project: str, name: str) -> None:
    click.echo("\n".join(alias_lines(registry.alias(project, name), registry.history(project, name))))
    print_version_table(registry, registry.versions(project, name))


def show_version(registry: ModelRegistry, project: str, name: VersionName) -> None:
    """Prints a version, removed ones included: answers that it gave refer to it."""
    version = registry.past_version(project, name)
    click.echo("\n".join(lineage_lines(version)))
    state = registry.alias(project, name.name, version.fingerprint)
    click.echo("\n".join(alias_lines(state, registry.history(project, name.name, version.fingerprint))))
    try:
        click.echo(f"\n{GateVerdict.from_json(version.verdict or '')}")
    except InputError:
        return  # none, or one of another version of Plait


def version_argument(text: str) -> VersionName:
    """The name of a version. Raises InputError for an alias."""
    name = parse_version_name(text)
    if name.number is None:
        raise InputError(
            f"{quote(text)} is an alias, and a version has a number",
            hint=f"plait models show {text} lists its versions",
        )
    return name
