"""`plait fsck`: check the data folder: database, files, permissions."""

import sys

import click

from plait.cli.program_name import as_called
from plait.storage.database import current_database
from plait.storage.fsck import check


@click.command()
@click.option("--repair", is_flag=True, help="Move what is damaged into quarantine, and close what others can read.")
def fsck(repair: bool) -> None:
    """Check the data folder: database, files, permissions.

    Nothing is ever deleted: a repair moves damaged files to the folder `quarantine` and takes the examples and versions
    of models that need them out of use. The exit code is 0 if there is no fault left, else 1.
    """
    database = current_database()
    found = check(database, repair=repair)
    for finding in found:
        click.echo(finding)
    left = [each for each in found if not each.repair]
    if not found:
        click.echo(f"{database.name}: no faults")
    elif left and not repair:
        click.echo(as_called("plait fsck --repair moves what is damaged aside, and closes what is open"), err=True)
    elif left:
        click.echo(as_called("plait restore FILE --replace takes a backup instead"), err=True)
    sys.exit(1 if left else 0)
