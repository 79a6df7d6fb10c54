"""The parent's side of an engine's child process.

The child reads one JSON line on standard input (what to load), writes one on standard output when it is ready, and
exits when its input closes, so it ends with its parent. It gets no secret: only the environment variables that Python
needs to start.
"""

import asyncio
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.core.errors import EngineDied, EngineError, MissingDependency, PlaitError

EXIT_TIMEOUT = 1.0  # seconds from a broken connection to the end of the process
MAX_LINE_BYTES = 2**20  # bytes of one line of the child's output
START_TIMEOUT = 120.0  # seconds; enough to read a model of several gigabytes from a slow disk
INHERITED_VARIABLES = (
    "PATH",
    "HOME",
    "LANG",
    "LC_ALL",
    "LD_LIBRARY_PATH",
    "PYTHONPATH",
    "VIRTUAL_ENV",
    "TMPDIR",
    "SYSTEMROOT",
)


class ChildStartError(Exception):
    """The process ended or was killed before it was ready. `stderr_tail` holds its last lines of standard error."""

    def __init__(self, stderr_tail: str) -> None:
        super().__init__(stderr_tail)
        self.stderr_tail = stderr_tail

    def to_error(self, name: str, path: Path, *, install: str, hint: str) -> PlaitError:
        """MissingDependency with the command `install` if a package is missing, else EngineError with `hint`."""
        lines = self.stderr_tail.splitlines()
        if lines and lines[-1].startswith("ModuleNotFoundError"):
            return MissingDependency(f"{name} cannot run here: {lines[-1].partition(': ')[2]}", hint=install)
        return EngineError(f"{name} cannot start from {path}", details=tuple(lines[-3:]), hint=hint)


@dataclass(frozen=True)
class ChildProcess:
    """A process that is ready, and its first line of output. Its standard error is read as long as it runs."""

    process: asyncio.subprocess.Process
    hello: dict[str, Any]
    stderr_tail: "asyncio.Task[str]"

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def stop(self) -> None:
        if self.alive:
            with suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()

    async def exit_error(self, name: str) -> EngineDied:
        """Waits for the end of the process and returns EngineDied. The next call then starts a new process."""
        with suppress(TimeoutError):
            async with asyncio.timeout(EXIT_TIMEOUT):
                await self.process.wait()
        return EngineDied(f"the process of {name} ended while it was working", hint="try again: the process restarts")


async def start_child(module: str, payload: dict[str, Any]) -> ChildProcess:
    """Starts a process that runs the module, and waits until it is ready. Raises ChildStartError."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        module,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        limit=MAX_LINE_BYTES,
        env={
            **{name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ},
            "OMP_WAIT_POLICY": "passive",
        },
        start_new_session=True,  # Ctrl-C in the shell must reach the parent only
    )
    assert process.stdin and process.stdout
    stderr_task = asyncio.create_task(last_lines(process.stderr))
    try:
        process.stdin.write(json.dumps(payload).encode() + b"\n")
        async with asyncio.timeout(START_TIMEOUT):
            line = await process.stdout.readline()
    except (TimeoutError, ConnectionError):
        line = b""
    except BaseException:
        process.kill()
        raise
    if not line:
        # A process that is just exiting is not killed: asyncio would lose track of it and warn on standard error.
        with suppress(TimeoutError):
            async with asyncio.timeout(EXIT_TIMEOUT):
                await process.wait()
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise ChildStartError(await stderr_task)
    return ChildProcess(process, json.loads(line), stderr_task)


async def last_lines(stream: asyncio.StreamReader | None, count: int = 20) -> str:
    """Reads a stream to its end and returns the last lines."""
    assert stream is not None
    tail = b""
    # In chunks, not lines: llama.cpp prints a grammar that it cannot parse on one line, and a full pipe would block it.
    while chunk := await stream.read(2**16):
        tail = (tail + chunk)[-(2**16) :]
    return "\n".join(tail.decode(errors="replace").splitlines()[-count:])
