"""`plait backup [FILE]`: write examples, settings of tasks and files to one tar file."""

import time
from pathlib import Path

import click

from plait.cli.program_name import as_called
from plait.core.progress import CountProgress
from plait.storage.backup import back_up
from plait.storage.database import current_database

MEGABYTE = 1_000_000


@click.command()
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--models", is_flag=True, help="Downloaded models as well.")
def backup(file: Path | None, models: bool) -> None:
    """Write what the data folder holds to one tar file, which is read again and compared.

    FILE is `plait-backup-DATE.tar` in the working folder if it is left out. Servers may go on. `plait restore FILE`
    takes it back, also into a database of another kind (SQLite, PostgreSQL).
    """
    database = current_database()
    target = (file or Path(f"plait-backup-{time.strftime('%Y-%m-%d-%H%M%S')}.tar")).absolute()
    progress = CountProgress("backup", None, unit="MB")
    try:
        manifest = back_up(database, target, models=models, report=lambda done, _: progress.update(done // MEGABYTE))
    finally:
        progress.close()
    size = sum(each.size for each in manifest.files) / MEGABYTE
    click.echo(f"{target}: {len(manifest.files)} files, {size:,.1f} MB, read again and compared")
    click.echo(as_called(f"plait restore {target} takes it back"), err=True)
