"""`plait up`: start Plait in the background, unless it is running."""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import click

from plait.core.config import settings
from plait.core.errors import SettingsError

START_TIMEOUT = 60.0  # seconds


@click.command()
@click.option("--port", type=int, help="Port on this machine.  [8800]")
def up(port: int | None) -> None:
    """Start Plait in the background, unless it is running, and print its address."""
    config = settings()
    port = config.port if port is None else port
    address = f"http://{config.host}:{port}"
    if health(address) is None:
        start(port, address)
    click.echo(f"Plait is running at {address}")


def start(port: int, address: str) -> None:
    """Starts a server in a new session, with a log file. Raises SettingsError with the last lines of the log."""
    log = state_folder() / f"{port}.log"
    try:
        log.parent.mkdir(parents=True, exist_ok=True)
        with log.open("w") as output:
            process = subprocess.Popen(
                [sys.executable, "-m", "plait", "serve", "--port", str(port)],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        (state_folder() / f"{port}.json").write_text(json.dumps({"pid": process.pid}))
    except OSError as error:
        raise SettingsError(
            f"{log.parent} cannot be written to: {error.strerror}",
            hint="set PLAIT_DATA to a writable folder",
        ) from None
    end = time.monotonic() + START_TIMEOUT
    while health(address) is None:
        if process.poll() is not None or time.monotonic() > end:
            last_lines = log.read_text().strip().splitlines()[-4:]
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


def pid_in(pid_file: Path) -> int:
    """The process id in a PID file; 0, which no process has, if it cannot be read."""
    try:
        return int(json.loads(pid_file.read_text())["pid"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0


def is_plait_server(pid: int) -> bool:
    """Whether the process is a Plait server; needed because the system reuses process ids."""
    try:
        arguments = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return b"plait" in arguments and b"serve" in arguments
