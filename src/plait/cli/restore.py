"""`plait restore FILE`: take the data folder back from a backup."""

from pathlib import Path

import click

from plait.cli.up import is_plait_server, read_note, state_folder
from plait.core.errors import SettingsError
from plait.storage.database import current_database
from plait.storage.restore import restore as restore_backup


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--replace", is_flag=True, help="Move what is there aside.")
def restore(file: Path, replace: bool) -> None:
    """Take the data folder back from a backup of `plait backup`, or of a migration.

    Nothing is changed unless the backup is complete. A data folder that is not empty is left as it is without
    --replace, and moved aside with it.
    """
    running = [note for note in state_folder().glob("*.json") if is_plait_server(read_note(note).pid)]
    if running:
        raise SettingsError("a server is running on this data folder", hint="plait down")
    restored = restore_backup(current_database(), file, replace=replace)
    click.echo(f"restored {len(restored.manifest.files)} files of {restored.manifest.created}")
    if restored.former:
        click.echo(f"what was there before is in {restored.former}")
