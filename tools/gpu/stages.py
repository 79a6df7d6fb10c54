"""Runs a stage in a separate process with a time limit. If a stage fails, the next one still runs."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from tools.gpu.plan import ROOT

GRACE = 12  # seconds from SIGTERM, at which training saves, to SIGKILL


@dataclass(frozen=True)
class Stage:
    """Result of a stage: the exit code of its process, negative for a signal, and its meaning in words."""

    name: str
    code: int
    seconds: float
    ended: str


def run_stage(
    name: str,
    module: str,
    arguments: Sequence[str],
    limit: float,
    log: Path,
    environment: Mapping[str, str] | None = None,
) -> Stage:
    """Runs `python -m module` for at most `limit` seconds; its output goes to the terminal and to the log."""
    began = time.monotonic()
    with log.open("a", encoding="utf-8") as lines:
        write_twice(f"\n== {name}, at most {limit:.0f} s\n", lines)
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", module, *arguments],
            cwd=ROOT,
            env={**os.environ, **(environment or {})},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            start_new_session=True,  # so that its loaders and workers can be killed with it
        )
        copier = threading.Thread(target=copy_output, args=(process.stdout, lines), daemon=True)
        copier.start()
        late = not wait_or_kill(process, limit)
        copier.join(timeout=5)
        if process.stdout and not copier.is_alive():
            process.stdout.close()
        seconds = round(time.monotonic() - began, 1)
        ended = "stopped at its limit" if late else "done" if process.returncode == 0 else "failed"
        write_twice(f"-- {name}: {ended} after {seconds} s, exit code {process.returncode}\n", lines)
    return Stage(name, process.returncode, seconds, ended)


def wait_or_kill(process: "subprocess.Popen[str]", limit: float) -> bool:
    """Whether the process ended within the limit. If not, it gets SIGTERM, then SIGKILL with all its children."""
    try:
        process.wait(limit)
        return True
    except subprocess.TimeoutExpired:
        process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    return False


def copy_output(output: IO[str] | None, lines: IO[str]) -> None:
    for line in output or ():
        write_twice(line, lines)


def write_twice(text: str, lines: IO[str]) -> None:
    """Writes to the terminal and to the log."""
    sys.stdout.write(text)
    sys.stdout.flush()
    lines.write(text)
    lines.flush()
