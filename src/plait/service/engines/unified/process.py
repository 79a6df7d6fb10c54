"""The parent's side of the process that answers: a question in, its answer out, each by its number."""

import asyncio
import json
from collections.abc import AsyncIterator
from dataclasses import asdict, dataclass, replace
from itertools import count
from pathlib import Path
from typing import Any

from plait.core.errors import EngineDied, EngineError, InputError, MissingExtra, PlaitError
from plait.core.values.value_type import Json
from plait.foundation.cards.inference_plan import Plan
from plait.service.engines.unified.messages import Asked, line, packed
from plait.service.supervisor import child_process
from plait.service.supervisor.child_process import Child, DidNotStart

EXTRA = "pip install 'plait[unified]'"


@dataclass(frozen=True)
class Answer:
    """`wire` is None where the answer was cut by the model's own limit; `tokens` is how many were written. A `preview`
    is what is known of an answer that is still to come.
    """

    wire: Json
    tokens: int
    whole: bool
    preview: bool = False


class Running:
    """A process that is ready."""

    def __init__(self, child: Child, name: str) -> None:
        self.child, self.name = child, name
        self.digest: str = child.hello["digest"]
        self.waiting: dict[int, asyncio.Queue[dict[str, Any] | EngineDied]] = {}
        self.numbers = count()
        self.draining = asyncio.Lock()
        self.over = False
        self.listening = asyncio.create_task(self.listen())

    @property
    def alive(self) -> bool:
        return self.child.alive and not self.over

    async def answers(self, asked: Asked) -> AsyncIterator[Answer]:
        """Previews where it is watched, then the answer. Closed before, it gives up its place. Raises EngineDied, and
        what the process refuses.
        """
        number = next(self.numbers)
        said = self.waiting[number] = asyncio.Queue()
        try:
            await self.write(packed(replace(asked, number=number)))
            while True:
                answer = answer_in(await said.get())
                yield answer
                if not answer.preview:
                    return
        finally:
            if self.waiting.pop(number, None) is not None and self.alive:
                self.stream.write(line({"drop": number}))

    @property
    def stream(self) -> asyncio.StreamWriter:
        assert self.child.process.stdin is not None
        return self.child.process.stdin

    async def write(self, message: bytes) -> None:
        if self.over:
            raise await self.child.death(self.name)
        try:
            self.stream.write(message)
            async with self.draining:
                await self.stream.drain()
        except (BrokenPipeError, ConnectionResetError):
            raise await self.child.death(self.name) from None

    async def listen(self) -> None:
        """Hands out what the process says, until it says nothing more: then it has died, and all who wait are told."""
        stream = self.child.process.stdout
        assert stream is not None
        while said := await stream.readline():
            told = json.loads(said)
            waiting = self.waiting.get(told["ask"]) if "preview" in told else self.waiting.pop(told["ask"], None)
            if waiting:
                waiting.put_nowait(told)
        self.over = True
        death = await self.child.death(self.name)
        for waiting in self.waiting.values():
            waiting.put_nowait(EngineDied(death.message, way_out=death.way_out))

    async def end(self) -> None:
        await self.child.end()
        await self.listening


async def started(path: Path, plan: Plan, name: str) -> Running:
    """A new process with the weights loaded. Raises EngineError where it did not come up, MissingExtra."""
    told = {"path": str(path), **asdict(plan)}
    try:
        ready = await child_process.started("plait.service.engines.unified.child", told)
    except DidNotStart as fault:
        raise not_up(name, path, fault.last_words) from None
    if "error" in ready.hello:
        await ready.end()
        raise EngineError(f"{name} does not start: {ready.hello['error']}", way_out=ready.hello["way_out"])
    return Running(ready, name)


def not_up(name: str, path: Path, last_words: str) -> PlaitError:
    lines = last_words.splitlines()
    if lines and lines[-1].startswith("ModuleNotFoundError"):
        return MissingExtra(f"{name} cannot run here: {lines[-1].partition(': ')[2]}", way_out=EXTRA)
    return EngineError(f"{name} does not start from {path}", details=tuple(lines[-3:]), way_out=EXTRA)


def answer_in(told: dict[str, Any] | EngineDied) -> Answer:
    if isinstance(told, EngineDied):
        raise told
    if "error" in told:
        raise refused(told)
    if "preview" in told:
        return Answer(told["preview"], 0, whole=False, preview=True)
    return Answer(told["wire"], told["tokens"], told["whole"])


def refused(told: dict[str, Any]) -> PlaitError:
    kind = InputError if told.get("of_caller") else EngineError
    return kind(told["error"], way_out=told.get("way_out", ""))
