"""Shows a change of plait.toml as a diff, and writes it after a yes."""

import sys

import click

from plait.cli.program_name import as_called
from plait.core.progress import is_terminal
from plait.service.models.settings_edit import SettingsEdit


def offer_change(edit: SettingsEdit, *, yes: bool, command: str) -> bool:
    """Whether the change was written. Without a terminal there is nobody to ask: `command --yes` writes it."""
    click.echo(edit.diff)
    if not yes and not is_terminal(sys.stdin):
        click.echo(as_called(f"nothing is written: {command} --yes writes it"), err=True)
        return False
    if not yes and not click.confirm(f"Write this to {edit.file}?"):
        click.echo("nothing is written", err=True)
        return False
    edit.write()
    kept = f"; the old file is {edit.backup.name}" if edit.before is not None else ""
    click.echo(f"written to {edit.file}{kept}", err=True)
    return True
