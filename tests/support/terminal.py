"""A command with a real terminal at its standard error, or at all three streams."""

import os
import pty
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class TerminalResult:
    """Exit code, standard output (empty if the terminal has it), and all that was written to the terminal."""

    code: int
    out: str
    screen: str


def run_in_terminal(
    *arguments: str, both: bool = False, env: Mapping[str, str] | None = None, cwd: Path | None = None
) -> TerminalResult:
    """`plait ARGUMENTS` with a terminal as standard error; with `both` also as standard output."""
    screen, end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "plait", *arguments],
        stdin=subprocess.DEVNULL,
        stdout=end if both else subprocess.PIPE,
        stderr=end,
        env={**os.environ, "TERM": "xterm", **(env or {})},
        cwd=cwd,
    )
    os.close(end)
    seen = b""
    with suppress(OSError):  # the other end is closed
        while piece := os.read(screen, 4_096):
            seen += piece
    os.close(screen)
    out = b"" if process.stdout is None else process.stdout.read()
    if process.stdout:
        process.stdout.close()
    return TerminalResult(process.wait(20), out.decode(), seen.decode().replace("\r\n", "\n"))
