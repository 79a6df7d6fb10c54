"""Base class of engines with a model in a child process, which the first call starts; after a crash, the next call."""

import asyncio
from abc import ABC, abstractmethod
from typing import Generic, Protocol, TypeVar

from plait.core.engine.answer_clock import waiting
from plait.core.errors import ContextTooLong
from plait.service.supervisor.child_process import ChildProcess


class RunningModel(Protocol):
    """A process that has loaded its model; `digest` identifies the file."""

    child: ChildProcess
    digest: str

    @property
    def alive(self) -> bool: ...

    async def stop(self) -> None: ...


P = TypeVar("P", bound=RunningModel)


class ProcessEngine(ABC, Generic[P]):
    """Owns the process of one model. Subclasses define how to start it."""

    def __init__(self) -> None:
        self.running: P | None = None
        self.start_lock = asyncio.Lock()

    @property
    @abstractmethod
    def threads(self) -> int:
        """Number of threads that the process uses for answers."""

    @abstractmethod
    async def start(self) -> P:
        """Starts a process and loads the model. Raises EngineError, MissingDependency."""

    @property
    def digest(self) -> str:
        return self.running.digest if self.running else ""

    @property
    def pid(self) -> int | None:
        return self.running.child.process.pid if self.running else None

    @property
    def is_loaded(self) -> bool:
        return self.running is not None and self.running.alive

    async def load(self) -> None:
        await self.ensure_running()

    async def ensure_running(self) -> P:
        """The running process; starts one if there is none, which is no part of the answer's time."""
        with waiting():
            async with self.start_lock:
                if self.running and not self.running.alive:
                    await self.running.stop()
                    self.running = None
                if self.running is None:
                    self.running = await self.start()
                return self.running

    async def aclose(self) -> None:
        if self.running:
            running, self.running = self.running, None
            await running.stop()


def too_long_error(name: str, tokens: int, limit: int, *, where: str = "", advice: str = "") -> ContextTooLong:
    """The error for a prompt beyond a model's limit. `where` ends the message; `advice` replaces the default hint."""
    return ContextTooLong(
        f"the prompt has {tokens:,} tokens, {name} takes {limit:,}{where}",
        tokens=tokens,
        limit=limit,
        hint=advice or "pass less input, use fewer examples (shots=0), or a model with a longer context (plait models)",
    )
