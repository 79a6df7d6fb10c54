"""The parent's side of the process that answers: a question in, its answer out, each by its number."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from plait.core.errors import EngineDied, EngineError, InputError, MissingDependency, PlaitError
from plait.core.values.value_type import Json
from plait.foundation.cards.inference_plan import InferencePlan
from plait.service.engines.unified.messages import InferenceRequest, encode_request, json_line
from plait.service.supervisor import child_process
from plait.service.supervisor.child_process import ChildProcess, ChildStartError

INSTALL_UNIFIED = "pip install 'plait[unified]'"


@dataclass(frozen=True)
class InferenceResult:
    """`wire` is None where the answer was cut by the model's own limit; `tokens` is how many were written. A `preview`
    is what is known of an answer that is still to come.
    """

    json_value: Json
    tokens: int
    complete: bool
    partial: bool = False


class WorkerProcess:
    """A process that is ready."""

    def __init__(self, child: ChildProcess, name: str) -> None:
        self.child, self.name = child, name
        self.digest: str = child.hello["digest"]
        self.pending: dict[int, asyncio.Queue[dict[str, Any] | EngineDied]] = {}
        self.request_numbers = count()
        self.drain_lock = asyncio.Lock()
        self.closed = False
        self.listen_task = asyncio.create_task(self.dispatch_responses())

    @property
    def alive(self) -> bool:
        return self.child.alive and not self.closed

    async def results(self, request: InferenceRequest) -> AsyncIterator[InferenceResult]:
        """Previews where it is watched, then the answer. Closed before, it gives up its place. Raises EngineDied, and
        what the process refuses.
        """
        number = next(self.request_numbers)
        said = self.pending[number] = asyncio.Queue()
        try:
            await self.write(encode_request(replace(request, number=number)))
            while True:
                answer = parse_result(await said.get())
                yield answer
                if not answer.partial:
                    return
        finally:
            if self.pending.pop(number, None) is not None and self.alive:
                self.stdin.write(json_line({"drop": number}))

    @property
    def stdin(self) -> asyncio.StreamWriter:
        assert self.child.process.stdin is not None
        return self.child.process.stdin

    async def write(self, message: bytes) -> None:
        if self.closed:
            raise await self.child.exit_error(self.name)
        try:
            self.stdin.write(message)
            async with self.drain_lock:
                await self.stdin.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise await self.child.exit_error(self.name) from None

    async def dispatch_responses(self) -> None:
        """Hands out what the process says, until it says nothing more: then it has died, and all who wait are told."""
        stream = self.child.process.stdout
        assert stream is not None
        while said := await stream.readline():
            told = json.loads(said)
            waiting = self.pending.get(told["ask"]) if "preview" in told else self.pending.pop(told["ask"], None)
            if waiting:
                waiting.put_nowait(told)
        self.closed = True
        death = await self.child.exit_error(self.name)
        for waiting in self.pending.values():
            waiting.put_nowait(EngineDied(death.message, hint=death.hint))

    async def stop(self) -> None:
        await self.child.stop()
        await self.listen_task


async def start_worker(path: Path, plan: InferencePlan, name: str) -> WorkerProcess:
    """A new process with the weights loaded. Raises EngineError where it did not come up, MissingExtra."""
    told = {"path": str(path), **asdict(plan)}
    try:
        ready = await child_process.start_child("plait.service.engines.unified.child", told)
    except ChildStartError as fault:
        raise start_error(name, path, fault.stderr_tail) from None
    if "error" in ready.hello:
        await ready.stop()
        raise EngineError(f"{name} does not start: {ready.hello['error']}", hint=ready.hello["way_out"])
    return WorkerProcess(ready, name)


def start_error(name: str, path: Path, stderr_tail: str) -> PlaitError:
    lines = stderr_tail.splitlines()
    if lines and lines[-1].startswith("ModuleNotFoundError"):
        return MissingDependency(f"{name} cannot run here: {lines[-1].partition(': ')[2]}", hint=INSTALL_UNIFIED)
    return EngineError(f"{name} does not start from {path}", details=tuple(lines[-3:]), hint=INSTALL_UNIFIED)


def parse_result(message: dict[str, Any] | EngineDied) -> InferenceResult:
    if isinstance(message, EngineDied):
        raise message
    if "error" in message:
        raise refusal_error(message)
    if "preview" in message:
        return InferenceResult(message["preview"], 0, complete=False, partial=True)
    return InferenceResult(message["wire"], message["tokens"], message["whole"])


def refusal_error(payload: dict[str, Any]) -> PlaitError:
    kind = InputError if payload.get("of_caller") else EngineError
    return kind(payload["error"], way_out=payload.get("way_out", ""))
