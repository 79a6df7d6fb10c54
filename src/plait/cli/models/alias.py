"""`plait models alias` and `plait models rollback`: say which versions answer under a name, and take that back."""

import click

from plait.cli.models.projects import project_of_name, project_option
from plait.cli.models.routes import project_of_route, roll_back_route
from plait.cli.program_name import as_called
from plait.core.errors import InputError
from plait.core.values.quoting import quote
from plait.service.models.model_version import ALL, BASE, BASE_WORD, NUMBER, parse_version_name
from plait.service.models.registry import current_registry
from plait.service.models.version_text import alias_lines, shares_text


@click.command()
@click.argument("name")
@click.argument("versions", nargs=-1, metavar="VERSION[=PERCENT]...")
@click.option("--reason", default="", help="Why, for the history.")
@project_option
def alias(name: str, versions: tuple[str, ...], reason: str, project: str | None) -> None:
    """Say which versions of NAME answer: `plait models alias smollm2/home_command 3`.

    VERSION is a number, or `base` for the model without an adapter. Several share the calls by percents that sum to
    100: `1=90 3=10`. A person stays with a version. Without VERSION the present state and its history are printed.
    """
    if project_of_route(name, project) is not None:
        raise InputError(f"{name} is a route, which has no versions", hint=f"plait models show {name}")
    registry = current_registry()
    bare = bare_name(name)
    where = project_of_name(registry, bare, project)
    if not versions:
        lines = alias_lines(registry.alias(where, bare), registry.history(where, bare))
        return click.echo("\n".join(lines))
    before = registry.alias(where, bare)
    state = registry.set_alias(where, bare, parse_weights(bare, versions), reason=reason)
    click.echo(f"{bare} → {shares_text(state)}")
    if before.change:
        click.echo(as_called(f"plait models rollback {bare} returns to {shares_text(before)}"), err=True)


@click.command()
@click.argument("name")
@click.option("--reason", default="", help="Why, for the history.")
@project_option
def rollback(name: str, reason: str, project: str | None) -> None:
    """Return to the versions that answered under NAME before the last change, or to the route before it."""
    route_project = project_of_route(name, project)
    if route_project is not None:
        return roll_back_route(route_project, name, reason)
    registry = current_registry()
    bare = bare_name(name)
    where = project_of_name(registry, bare, project)
    before = registry.alias(where, bare)
    state = registry.rollback(where, bare, reason=reason)
    click.echo(f"{bare} → {shares_text(state)}")
    click.echo(as_called(f"plait models rollback {bare} returns to {shares_text(before)}"), err=True)


def bare_name(text: str) -> str:
    """The name of an alias. Raises InputError for a version."""
    version = parse_version_name(text)
    if version.number is not None:
        raise InputError(
            f"{quote(text)} is a version, and an alias has no number",
            hint=f"plait models alias {version.name} {version.number}",
        )
    return version.name


def parse_weights(name: str, texts: tuple[str, ...]) -> dict[int, int]:
    """Percents by number of version, as written: `3`, `base`, `1=90 3=10`. Raises InputError."""
    weights: dict[int, int] = {}
    for text in texts:
        version, mark, percent = text.partition("=")
        number = version_number(name, version)
        if number in weights:
            raise InputError(f"version {version} is named twice", hint=f"plait models alias {name} 1=90 2=10")
        if mark and not NUMBER.fullmatch(percent):
            raise InputError(f"{quote(text)} does not end with a percent", hint=f"for example {version}=10")
        weights[number] = int(percent) if mark else ALL
    return weights


def version_number(name: str, text: str) -> int:
    number = text.removeprefix(f"{name}@")
    if number == BASE_WORD:
        return BASE
    if not NUMBER.fullmatch(number):
        raise InputError(f"{quote(text)} is no version of {name}", hint=f"plait models alias {name} 3=90 base=10")
    return int(number)
