"""The parent's side of the worker process: sends requests, and delivers results by request number."""

import asyncio
import json
from collections.abc import AsyncGenerator
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from plait.core.errors import EngineDied, EngineError, InputError, PlaitError
from plait.core.values.json_value import Json
from plait.foundation.cards.adapter import LoraAdapter
from plait.foundation.cards.inference_plan import InferencePlan
from plait.service.engines.unified.messages import InferenceRequest, encode_request, json_line
from plait.service.supervisor import child_process
from plait.service.supervisor.child_process import ChildProcess, ChildStartError

INSTALL_UNIFIED = "pip install -e '.[unified]'"


@dataclass(frozen=True)
class InferenceResult:
    """An answer as JSON. If the model's length limit cut it, `complete` is False and `json_value` is None. `tokens`
    counts generated tokens; `partial` marks an image that is still being generated; `waited` are the seconds in the
    worker's queue.
    """

    json_value: Json
    tokens: int
    complete: bool
    partial: bool = False
    waited: float = 0.0


class WorkerProcess:
    """A running worker with its weights loaded."""

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

    async def results(self, request: InferenceRequest) -> AsyncGenerator[InferenceResult, None]:
        """Yields partial results if the request is streamed, then the final one. Closing the iterator drops it.

        Raises EngineDied, and InputError or EngineError reported by the worker.
        """
        number = next(self.request_numbers)
        messages = self.pending[number] = asyncio.Queue()
        try:
            await self.write(encode_request(replace(request, number=number)))
            while True:
                result = parse_result(await messages.get())
                yield result
                if not result.partial:
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
        """Delivers responses until the worker's output ends, then fails all pending requests with EngineDied."""
        stream = self.child.process.stdout
        assert stream is not None
        while line := await stream.readline():
            message = json.loads(line)
            number = message["request"]
            queue = self.pending.get(number) if "preview" in message else self.pending.pop(number, None)
            if queue:
                queue.put_nowait(message)
        self.closed = True
        error = await self.child.exit_error(self.name)
        for queue in self.pending.values():
            queue.put_nowait(EngineDied(error.message, hint=error.hint))

    async def stop(self) -> None:
        await self.child.stop()
        await self.listen_task


async def start_worker(path: Path, plan: InferencePlan, name: str, adapter: LoraAdapter | None = None) -> WorkerProcess:
    """Starts a process and loads the weights. Raises EngineError, MissingDependency."""
    change = {"path": str(adapter.path), "sha256": adapter.sha256} if adapter else None
    payload = {"path": str(path), "adapter": change, **asdict(plan)}
    try:
        child = await child_process.start_child("plait.service.engines.unified.child", payload)
    except ChildStartError as error:
        raise error.to_error(name, path, install=INSTALL_UNIFIED, hint=INSTALL_UNIFIED) from None
    if "error" in child.hello:
        await child.stop()
        raise EngineError(f"{name} cannot start: {child.hello['error']}", hint=child.hello["hint"])
    return WorkerProcess(child, name)


def parse_result(message: dict[str, Any] | EngineDied) -> InferenceResult:
    if isinstance(message, EngineDied):
        raise message
    if "error" in message:
        raise refusal_error(message)
    if "preview" in message:
        return InferenceResult(message["preview"], 0, complete=False, partial=True)
    return InferenceResult(message["json_value"], message["tokens"], message["is_complete"], waited=message["waited"])


def refusal_error(payload: dict[str, Any]) -> PlaitError:
    error_class = InputError if payload.get("is_input_error") else EngineError
    return error_class(payload["error"], hint=payload.get("hint", ""))
