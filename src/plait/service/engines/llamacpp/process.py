"""Starts the llama.cpp server process, which listens on loopback with a random key."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from plait.core.errors import EngineError, MissingDependency, PlaitError
from plait.foundation.cards.adapter import LoraAdapter
from plait.service.supervisor import child_process
from plait.service.supervisor.child_process import ChildProcess, ChildStartError


@dataclass(frozen=True)
class LoadOptions:
    """Options of the server: `slots` requests share `cache` tokens; threads for decoding and for prefill.

    A request can use any one of the `adapters`; llama.cpp loads none later.
    """

    path: Path
    cache: int
    slots: int
    threads: int
    batch_threads: int
    adapters: tuple[LoraAdapter, ...] = ()

    def payload(self, key: str) -> dict[str, Any]:
        """The line of JSON that the process reads."""
        adapters = [{**vars(each), "path": str(each.path)} for each in self.adapters]
        return {**vars(self), "path": str(self.path), "adapters": adapters, "key": key}


class LlamaServer:
    """A running llama.cpp server with its HTTP client."""

    def __init__(self, child: ChildProcess, key: str) -> None:
        self.child, self.process = child, child.process
        self.digest: str = child.hello["digest"]
        self.adapted_digests: Mapping[str, str] = child.hello["adapted_digests"]
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
    """Starts a process and loads the model with its adapters.

    Raises MissingDependency, EngineError with the end of its stderr, or with the reason why an adapter is refused.
    """
    key = secrets.token_urlsafe(24)
    try:
        child = await child_process.start_child("plait.service.engines.llamacpp.child", options.payload(key))
    except ChildStartError as error:
        raise start_error(error, name, options.path) from None
    if "error" in child.hello:
        await child.stop()
        raise EngineError(f"{name} cannot start: {child.hello['error']}", hint=child.hello["hint"])
    return LlamaServer(child, key)


def start_error(error: ChildStartError, name: str, path: Path) -> PlaitError:
    if "libgomp" in error.stderr_tail:
        return MissingDependency("llama.cpp needs the system library libgomp1", hint="apt-get install libgomp1")
    hint = "check that the GGUF file is complete; plait models shows its path"
    return error.to_error(name, path, install="pip install xllamacpp", hint=hint)
