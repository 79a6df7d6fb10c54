"""The parent's side of an engine's process: started with the first call, again when it died, ended with its parent.

A child reads one JSON line on its standard input (what to load), writes one on its standard output when it is ready,
and ends when its input closes. It gets no secret: of the environment only what Python needs to start.
"""

import asyncio
import hashlib
import json
import os
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plait.core.errors import EngineDied, EngineError, MissingDependency, PlaitError

EXIT_TIMEOUT = 1.0  # seconds from a broken connection to the end of the process
MAX_LINE_BYTES = 2**20  # bytes of one line of its output
START_TIMEOUT = 120.0  # seconds; a model of several gigabytes is read from a slow disk
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
    """A process that ended or was killed before it was ready; `stderr_tail` are its last lines on standard error."""

    def __init__(self, stderr_tail: str) -> None:
        super().__init__(stderr_tail)
        self.stderr_tail = stderr_tail

    def to_error(self, name: str, path: Path, *, install: str, hint: str) -> PlaitError:
        """MissingDependency with the command `install` where a package is missing, else EngineError with `hint`."""
        lines = self.stderr_tail.splitlines()
        if lines and lines[-1].startswith("ModuleNotFoundError"):
            return MissingDependency(f"{name} cannot run here: {lines[-1].partition(': ')[2]}", hint=install)
        return EngineError(f"{name} does not start from {path}", details=tuple(lines[-3:]), hint=hint)


@dataclass(frozen=True)
class ChildProcess:
    """A process that is ready, and its first line of output. Its standard error is read for as long as it lives."""

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
        """EngineDied, once the process has ended: the next call then finds it dead and starts another."""
        with suppress(TimeoutError):
            async with asyncio.timeout(EXIT_TIMEOUT):
                await self.process.wait()
        return EngineDied(f"the process of {name} ended in the middle of its work", hint="ask again: it starts anew")


async def start_child(module: str, payload: dict[str, Any]) -> ChildProcess:
    """A new process of that module, ready. Raises ChildStartError."""
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
        start_new_session=True,  # Ctrl-C in the shell is the parent's to handle
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
        # One that ends by itself is not killed meanwhile: asyncio would lose sight of it, and say so on standard error.
        with suppress(TimeoutError):
            async with asyncio.timeout(EXIT_TIMEOUT):
                await process.wait()
        if process.returncode is None:
            process.kill()
        await process.wait()
        raise ChildStartError(await stderr_task)
    return ChildProcess(process, json.loads(line), stderr_task)


async def last_lines(stream: asyncio.StreamReader | None, count: int = 20) -> str:
    """The last lines of a stream, once it is over."""
    assert stream is not None
    tail = b""
    # By chunks: llama.cpp prints a grammar that it cannot read on one line, and what nobody reads stops the process.
    while chunk := await stream.read(2**16):
        tail = (tail + chunk)[-(2**16) :]
    return "\n".join(tail.decode(errors="replace").splitlines()[-count:])


def file_digest(path: Path) -> str:
    """The first twelve hex digits of the file's sha256, which every answer names after its model."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()[:12]
