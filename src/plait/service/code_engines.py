"""Answer a task by code, or by a script in tests: `from plait import engine`."""

import asyncio
import inspect
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from plait.core.calls.transport import current_transport
from plait.core.engine.answer_encoding import encode_answer
from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.core.task.declaration import Declaration
from plait.core.task.task import Task
from plait.service.local_transport import LocalTransport

P = ParamSpec("P")
R = TypeVar("R")


def answers(task: Task[P, R]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function of the same signature answer the task; it comes before any model.

    `.using("name of a model")` still calls that model; `.using("name of the function")` this function.
    """

    def register(function: Callable[P, R]) -> Callable[P, R]:
        task.code_engines.append(FunctionEngine(task.declaration, function))
        return function

    return register


@contextmanager
def scripted(script: Mapping[Task[..., Any], Any]) -> Iterator[None]:
    """Inside, the tasks of the script answer with their values, and no other task is answered at all."""
    by_name = {task.declaration.name: value for task, value in script.items()}
    token = current_transport.set(LocalTransport(only=ScriptedEngine(by_name)))
    try:
        yield
    finally:
        current_transport.reset(token)


@dataclass(frozen=True)
class FunctionEngine:
    """A Python function that answers one task. A synchronous one runs in a thread, so that it may block."""

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


@dataclass(frozen=True)
class ScriptedEngine:
    """Answers each task of the script, by name, with its value; an exception there is raised."""

    script: Mapping[str, Any]
    name: str = "scripted"
    digest: str = ""

    def can(self, declaration: Declaration) -> str:
        return "" if declaration.name in self.script else f"the script has no answer for {declaration.name}"

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
        value = self.script[request.declaration.name]
        if isinstance(value, BaseException):
            raise value
        yield TextDelta(encode_answer(value, request, self.name))
        yield Finish()

    async def aclose(self) -> None: ...
