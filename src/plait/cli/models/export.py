"""`plait models export`: write a version to one .tar file."""

from pathlib import Path

import click

from plait.cli.models.projects import project_of_name, project_option
from plait.cli.models.show import version_argument
from plait.cli.program_name import as_called
from plait.service.models.registry import current_registry


@click.command()
@click.argument("version")
@click.argument("file", type=click.Path(path_type=Path))
@project_option
def export(version: str, file: Path, project: str | None) -> None:
    """Write VERSION to FILE.tar: its adapter, how it was made, and a card.

    `plait models add FILE.tar` adds it under another data folder.
    """
    registry = current_registry()
    name = version_argument(version)
    found = registry.past_version(project_of_name(registry, name.name, project), name)
    registry.export(found, file)
    click.echo(f"{file}: {found.label}, {file.stat().st_size / 1e6:,.1f} MB")
    click.echo(as_called(f"plait models add {file} adds it under another data folder"), err=True)
