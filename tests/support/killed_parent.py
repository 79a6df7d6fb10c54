"""A process whose parent is killed must end too, because nothing else would stop it."""

import subprocess
import sys
from pathlib import Path

from tests.support.running_server import wait_until


def assert_ends_with_parent(script: str, folder: Path, within: float) -> None:
    """Runs a script that prints the id of a process that it started, and kills the script."""
    parent = subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=folder
    )
    assert parent.stdout and parent.stdin
    child = int(parent.stdout.readline())
    assert Path(f"/proc/{child}").exists()
    parent.kill()
    parent.wait(10)
    parent.stdin.close()
    parent.stdout.close()
    # An orphan's remains are cleared away by process 1, where there is one that does.
    wait_until(lambda: has_exited(child), within=within)


def has_exited(pid: int) -> bool:
    try:
        return "State:\tZ" in Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return True
