"""Engines that answer tasks without a model: a Python function, or a script in tests (`from plait import engine`)."""

import asyncio
import inspect
import time
from collections.abc import AsyncGenerator, Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from plait.core.calls.scope import use_transport
from plait.core.engine.answer_clock import add_wait
from plait.core.engine.answer_encoding import encode_answer
from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.core.task.declaration import Declaration
from plait.core.task.task import Task
from plait.service.local_transport import LocalTransport

P = ParamSpec("P")
R = TypeVar("R")


def answers(task: Task[P, R]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Decorator: a function of the same signature answers the task. It takes precedence over every model.

    `.using("name of a model")` still calls that model; `.using("name of the function")` calls this function.
    """

    def register(function: Callable[P, R]) -> Callable[P, R]:
        task.code_engines.append(FunctionEngine(task.declaration, function))
        return function

    return register


@contextmanager
def scripted(script: Mapping[Task[..., Any], Any]) -> Iterator[None]:
    """Context manager for tests: tasks of the script answer with its values; any other task raises an error.

    Threads that the block starts use the script too, until the block ends.
    """
    by_name = {task.declaration.name: value for task, value in script.items()}
    with use_transport(LocalTransport(only=ScriptedEngine(by_name))):
        yield


@dataclass(frozen=True)
class FunctionEngine:
    """An engine that answers one task by a Python function. A synchronous function runs in a thread: it may block."""

    declaration: Declaration
    function: Callable[..., Any]
    digest: str = ""

    @property
    def name(self) -> str:
        return self.function.__name__

    def can(self, declaration: Declaration) -> str:
        return "" if declaration.name == self.declaration.name else f"{self.name} answers {self.declaration.name} only"

    async def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | Finish, None]:
        if inspect.iscoroutinefunction(self.function):
            value = await self.function(**request.inputs)
        else:
            value = await asyncio.to_thread(self.call, request.inputs, time.monotonic())
        yield TextDelta(encode_answer(value, request, self.name))
        yield Finish()

    def call(self, inputs: Mapping[str, object], submitted: float) -> object:
        """The function's value; the call waited for a thread since it was submitted.

        StopIteration becomes RuntimeError: no future takes it, so its call would never end.
        """
        add_wait(time.monotonic() - submitted)
        try:
            return self.function(**inputs)
        except StopIteration as error:
            raise RuntimeError(f"{self.name} raised StopIteration") from error

    async def aclose(self) -> None: ...


@dataclass(frozen=True)
class ScriptedEngine:
    """An engine that answers each task of the script, by name, with its value. An exception as value is raised."""

    script: Mapping[str, Any]
    name: str = "scripted"
    digest: str = ""

    def can(self, declaration: Declaration) -> str:
        return "" if declaration.name in self.script else f"the script has no answer for {declaration.name}"

    async def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | Finish, None]:
        value = self.script[request.declaration.name]
        if isinstance(value, BaseException):
            raise value
        yield TextDelta(encode_answer(value, request, self.name))
        yield Finish()

    async def aclose(self) -> None: ...
