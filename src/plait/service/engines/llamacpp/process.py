"""Starts the llama.cpp server process, which listens on loopback with a random key."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import httpx

from plait.core.errors import MissingDependency, PlaitError
from plait.service.supervisor import child_process
from plait.service.supervisor.child_process import ChildProcess, ChildStartError


@dataclass(frozen=True)
class LoadOptions:
    """Options of the server: `slots` requests share `cache` tokens; threads for decoding and for prefill."""

    path: Path
    cache: int
    slots: int
    threads: int
    batch_threads: int


class LlamaServer:
    """A running llama.cpp server with its HTTP client."""

    def __init__(self, child: ChildProcess, key: str) -> None:
        self.child, self.process = child, child.process
        self.digest: str = child.hello["digest"]
        # No timeout here: core.engine.validation applies that of the call. One connection per request: the process
        # closes idle connections after 5 s, and a request sent at that moment is lost (seen in one call of thirty).
        self.http = httpx.AsyncClient(
            base_url=child.hello["address"],
            headers={"authorization": f"Bearer {key}"},
            timeout=None,
            trust_env=False,
            limits=httpx.Limits(max_keepalive_connections=0),
        )

    @property
    def alive(self) -> bool:
        return self.child.alive

    async def stop(self) -> None:
        await self.http.aclose()
        await self.child.stop()


async def start_server(options: LoadOptions, name: str) -> LlamaServer:
    """Starts a process and loads the model. Raises MissingDependency, or EngineError with the end of its stderr."""
    key = secrets.token_urlsafe(24)
    payload = {**vars(options), "path": str(options.path), "key": key}
    try:
        return LlamaServer(await child_process.start_child("plait.service.engines.llamacpp.child", payload), key)
    except ChildStartError as error:
        raise start_error(error, name, options.path) from None


def start_error(error: ChildStartError, name: str, path: Path) -> PlaitError:
    if "libgomp" in error.stderr_tail:
        return MissingDependency("llama.cpp needs the system library libgomp1", hint="apt-get install libgomp1")
    hint = "check that the GGUF file is complete; plait models shows its path"
    return error.to_error(name, path, install="pip install xllamacpp", hint=hint)
