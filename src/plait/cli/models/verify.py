"""`plait models verify`: compare the files of versions with the registry."""

import sys

import click

from plait.cli.program_name import as_called
from plait.service.models.model_version import parse_version_name
from plait.service.models.registry import current_registry


@click.command()
@click.argument("name", required=False)
def verify(name: str | None) -> None:
    """Compute the sha256 of every version's file and read its header, or of the versions of NAME.

    The exit code is 0 if all are right, else 1.
    """
    registry = current_registry()
    wanted = parse_version_name(name) if name else None
    versions = [each for each in registry.versions(name=wanted.name if wanted else None) if each.removed_at is None]
    versions = [each for each in versions if wanted is None or wanted.number in (None, each.number)]
    faults = {each: each.obstacle or registry.verify(each) for each in versions}
    for version, fault in faults.items():
        click.echo(f"{version.label}  {fault or 'is right'}")
    if not versions:
        click.echo(f"there are no versions{f' of {name}' if name else ''}", err=True)
    if any(faults.values()):
        click.echo(as_called("plait fsck --repair takes damaged versions out of use"), err=True)
        sys.exit(1)
