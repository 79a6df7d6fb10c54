"""A Python function that answers a task: the same contract, no model."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from plait.core.engine.answer_encoding import said
from plait.core.engine.protocol import Ask, End, Piece
from plait.core.task.declaration import Declaration


@dataclass(frozen=True)
class FunctionEngine:
    """Answers one task. A synchronous function runs in a thread, so that it may block."""

    declaration: Declaration
    function: Callable[..., Any]
    digest: str = ""

    @property
    def name(self) -> str:
        return self.function.__name__

    def can(self, declaration: Declaration) -> str:
        return "" if declaration.name == self.declaration.name else f"{self.name} answers {self.declaration.name} only"

    async def answer(self, ask: Ask) -> AsyncIterator[Piece | End]:
        if inspect.iscoroutinefunction(self.function):
            value = await self.function(**ask.inputs)
        else:
            value = await asyncio.to_thread(self.function, **ask.inputs)
        yield Piece(said(value, ask, self.name))
        yield End()

    async def aclose(self) -> None: ...
