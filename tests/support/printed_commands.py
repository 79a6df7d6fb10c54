"""Commands as Plait prints them, run by bash as they stand, with `plait` and `python` on the path."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.support.running_server import CommandResult


def run_printed(command: str, cwd: Path, env: Mapping[str, str] | None = None, timeout: float = 100) -> CommandResult:
    """The command, pasted into a shell in that folder."""
    process = subprocess.run(
        ["bash", "-c", command],
        capture_output=True,
        stdin=subprocess.DEVNULL,
        cwd=cwd,
        env={**os.environ, **(env or {}), "PATH": f"{programs(cwd)}:{os.environ['PATH']}"},
        timeout=timeout,
    )
    return CommandResult(process.returncode, process.stdout.decode(), process.stderr.decode())


def programs(folder: Path) -> Path:
    """A folder with `plait`, `python` and `pytest` of this environment, as an activated one has."""
    home = folder / ".programs"
    home.mkdir(exist_ok=True)
    for name, arguments in {"plait": "-m plait", "pytest": "-m pytest", "python": ""}.items():
        file = home / name
        if not file.exists():
            file.write_text(f'#!/bin/sh\nexec {sys.executable} {arguments} "$@"\n')
            file.chmod(0o755)
    return home


def hints(error: str) -> list[str]:
    """The lines of an error's hint."""
    return [line.removeprefix("  → ") for line in error.splitlines() if line.startswith("  → ")]
