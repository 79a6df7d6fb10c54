"""The process that runs llama.cpp, and the way to it: an address on loopback, with a key of its own."""

import secrets
from dataclasses import dataclass
from pathlib import Path

import httpx

from plait.core.errors import EngineError, MissingExtra, PlaitError
from plait.service.supervisor import child_process
from plait.service.supervisor.child_process import Child, DidNotStart


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

    def __init__(self, child: Child, key: str) -> None:
        self.child, self.process = child, child.process
        self.digest: str = child.hello["digest"]
        # No time limit here: the call's own stands around it (core.engine.validation). A connection per request: the
        # process closes kept ones after 5 s, and a request sent in that moment is lost (seen: one call in thirty).
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

    async def end(self) -> None:
        await self.http.aclose()
        await self.child.end()


async def started(load: Load, name: str) -> Running:
    """A new process with the model loaded. Raises EngineError with the last words of one that did not come up."""
    key = secrets.token_urlsafe(24)
    told = {**vars(load), "path": str(load.path), "key": key}
    try:
        return Running(await child_process.started("plait.service.engines.llamacpp.child", told), key)
    except DidNotStart as fault:
        raise not_up(name, load.path, fault.last_words) from None


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
