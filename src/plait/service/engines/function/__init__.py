"""A Python function that answers a task: the same contract, no model."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

from plait.core.engine.answer_encoding import encode_answer
from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
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

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
        if inspect.iscoroutinefunction(self.function):
            value = await self.function(**request.inputs)
        else:
            value = await asyncio.to_thread(self.function, **request.inputs)
        yield TextDelta(encode_answer(value, request, self.name))
        yield Finish()

    async def aclose(self) -> None: ...
