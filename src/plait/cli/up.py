"""`plait up [FILE.py]...`: start Plait in the background, unless it is running."""

import json
import os
import shlex
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click

from plait.cli.settings_option import enter_folder, settings_option
from plait.core.config import settings
from plait.core.errors import SettingsError
from plait.core.values.durable_files import make_private_folder
from plait.service.task_files import source_lines

START_TIMEOUT = 60.0  # seconds
LAST_LINES = 8  # of the log in an error, which has the user's line, its mark and a hint


@click.command()
@click.argument("files", nargs=-1, metavar="[FILE.py]...", type=click.Path(path_type=Path))
@settings_option
@click.option("--port", type=int, help="Port on this machine.  [8800]")
def up(files: tuple[Path, ...], settings_file: Path | None, port: int | None) -> None:
    """Start Plait in the background, unless it is running, and print its address.

    It serves the tasks of each FILE.py, those that plait.toml names, and the built-in ones, as plait serve does.
    """
    files = enter_folder(settings_file, files)
    sources = list(source_lines(files))
    config = settings()
    port = config.port if port is None else port
    address = f"http://{config.host}:{port}"
    if health(address) is None:
        start(port, address, files)
    elif sources:
        check_sources(port, address, files)
    click.echo("\n".join((f"Plait is running at {address}", *sources)))


def check_sources(port: int, address: str, files: tuple[Path, ...]) -> None:
    """Raises SettingsError unless the running server was started in this folder, with at least these files."""
    note = read_note(state_folder() / f"{port}.json")
    if not is_plait_server(note.pid) or set(start_note(note.pid, files).sources) - set(note.sources):
        named = "".join(f" {shlex.quote(str(file))}" for file in files)
        raise SettingsError(
            f"Plait is running at {address} already, with other tasks",
            hint=f"plait down && plait up{named}\nor beside it: plait up{named} --port {port + 1}",
        )


def start(port: int, address: str, files: tuple[Path, ...]) -> None:
    """Starts a server in a new session, with a log file. Raises SettingsError with the last lines of the log."""
    log = state_folder() / f"{port}.log"
    try:
        make_private_folder(log.parent)
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "plait", "serve", "--port", str(port), "--", *map(str, files)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        (state_folder() / f"{port}.json").write_text(json.dumps(asdict(start_note(process.pid, files))))
    except OSError as error:
        raise SettingsError(
            f"{log.parent} cannot be written to: {error.strerror}",
            hint="set PLAIT_DATA to a writable folder",
        ) from None
    end = time.monotonic() + START_TIMEOUT
    while health(address) is None:
        if process.poll() is not None or time.monotonic() > end:
            last_lines = log.read_text().strip().splitlines()[-LAST_LINES:]
            raise SettingsError("Plait did not start", details=tuple(last_lines), hint=f"see the log: {log}")
        time.sleep(0.05)


def health(address: str) -> Any:
    """The server's health; None if no Plait server responds."""
    import urllib.error
    import urllib.request

    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(f"{address}/healthz", timeout=2) as response:
            status = json.load(response)
    except (OSError, ValueError):
        return None
    return status if isinstance(status, dict) and status.get("status") == "ok" else None


def state_folder() -> Path:
    """The folder with a PID file and a log for each started server, named by port."""
    return settings().data / "up"


@dataclass(frozen=True)
class StartNote:
    """The PID file of a started server. `sources` are its folder and files; empty in files of earlier versions."""

    pid: int
    sources: tuple[str, ...] = ()


def start_note(pid: int, files: tuple[Path, ...]) -> StartNote:
    return StartNote(pid, (os.getcwd(), *(str(file.resolve()) for file in files)))


def read_note(pid_file: Path) -> StartNote:
    """The note in a PID file; the process id is 0, which no process has, if it cannot be read."""
    try:
        note = json.loads(pid_file.read_text())
        return StartNote(int(note["pid"]), tuple(map(str, note.get("sources", ()))))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return StartNote(0)


def is_plait_server(pid: int) -> bool:
    """Whether the process is a Plait server; needed because the system reuses process ids."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"plait" in arguments and b"serve" in arguments
