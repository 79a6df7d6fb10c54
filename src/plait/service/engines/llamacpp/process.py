"""The parent's side of the engine's process: starts it with the first call, again when it died, ends it with itself."""

import asyncio
import json
import os
import secrets
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import httpx

from plait.core.errors import EngineDied, EngineError, MissingExtra, PlaitError

ENDS_WITHIN = 1.0  # seconds from a broken connection to the end of the process
STARTS_WITHIN = 120.0  # seconds; a model of several gigabytes is read from a slow disk
KEPT = ("PATH", "HOME", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "PYTHONPATH", "VIRTUAL_ENV", "TMPDIR", "SYSTEMROOT")


@dataclass(frozen=True)
class Load:
    """What a process is to run. `cache` tokens are shared by `slots` requests; threads for decoding and for prefill."""

    path: Path
    cache: int
    slots: int
    threads: int
    batch_threads: int


class Running:
    """A process that has answered with its address."""

    def __init__(self, process: asyncio.subprocess.Process, address: str, key: str, digest: str) -> None:
        self.process = process
        self.digest = digest
        # No time limit here: the call's own stands around it (plait.core.answering). A connection per request: the
        # process closes kept ones after 5 s, and a request sent in that moment is lost (seen: one call in thirty).
        self.http = httpx.AsyncClient(
            base_url=address,
            headers={"authorization": f"Bearer {key}"},
            timeout=None,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @property
    def alive(self) -> bool:
        return self.process.returncode is None

    async def end(self) -> None:
        await self.http.aclose()
        if self.alive:
            with suppress(ProcessLookupError):
                self.process.kill()
        await self.process.wait()


async def started(load: Load, name: str) -> Running:
    """A new process with the model loaded. Raises EngineError with the last words of one that did not come up."""
    key = secrets.token_urlsafe(24)
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "plait.service.engines.llamacpp.child",
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env={**{name: os.environ[name] for name in KEPT if name in os.environ}, "OMP_WAIT_POLICY": "passive"},
        start_new_session=True,  # Ctrl-C in the shell is the parent's to handle
    )
    assert process.stdin and process.stdout
    last_words = asyncio.create_task(tail(process.stderr))
    told = {**vars(load), "path": str(load.path), "key": key}
    try:
        process.stdin.write(json.dumps(told).encode() + b"\n")
        async with asyncio.timeout(STARTS_WITHIN):
            line = await process.stdout.readline()
    except (TimeoutError, ConnectionError):
        line = b""
    except BaseException:
        process.kill()
        raise
    if not line:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()
        raise not_up(name, load.path, await last_words)
    hello = json.loads(line)
    return Running(process, hello["address"], key, hello["digest"])


async def tail(stream: asyncio.StreamReader | None, lines: int = 20) -> str:
    """The last lines of a stream, once it is over."""
    assert stream is not None
    kept = b""
    # By chunks: llama.cpp prints a grammar that it cannot read on one line, and what nobody reads stops the process.
    while chunk := await stream.read(2**16):
        kept = (kept + chunk)[-(2**16) :]
    return "\n".join(kept.decode(errors="replace").splitlines()[-lines:])


def not_up(name: str, path: Path, last_words: str) -> PlaitError:
    if "No module named 'xllamacpp'" in last_words:
        return MissingExtra("the llama.cpp engine needs the package xllamacpp", way_out="pip install xllamacpp")
    if "libgomp" in last_words:
        return MissingExtra("llama.cpp needs the system library libgomp1", way_out="apt-get install libgomp1")
    shown = tuple(last_words.splitlines()[-3:])
    return EngineError(
        f"{name} does not start from {path}",
        details=shown,
        way_out="is it a whole GGUF file? plait models shows its path",
    )


async def died(running: Running, name: str) -> EngineDied:
    """Said once the end of the process is known, so that the next call finds it dead and starts another."""
    with suppress(TimeoutError):
        async with asyncio.timeout(ENDS_WITHIN):
            await running.process.wait()
    return EngineDied(f"the process of {name} ended in the middle of its work", way_out="ask again: it starts anew")
