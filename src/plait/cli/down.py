"""`plait down`: stop what `plait up` started."""

import os
import signal
import time

import click

from plait.cli.up import is_plait_server, read_note, state_folder

STOP_TIMEOUT = 10.0  # seconds


@click.command()
def down() -> None:
    """Stop every Plait server that `plait up` started."""
    notes = [note for note in state_folder().glob("*.json") if is_plait_server(read_note(note).pid)]
    for note in notes:
        stop(read_note(note).pid)
        note.unlink(missing_ok=True)
    click.echo("Plait has stopped" if notes else "Plait is not running in the background")


def stop(pid: int) -> None:
    os.kill(pid, signal.SIGTERM)
    end = time.monotonic() + STOP_TIMEOUT
    while is_plait_server(pid) and time.monotonic() < end:
        time.sleep(0.05)
