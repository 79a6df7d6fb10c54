"""Answer a task by code, or by a script in tests: `from plait import engine`."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, ParamSpec, TypeVar

from plait.core.calls.transport import current_transport
from plait.core.task.task import Task
from plait.service.engines.function import FunctionEngine
from plait.service.engines.scripted import ScriptedEngine
from plait.service.local_transport import LocalTransport

P = ParamSpec("P")
R = TypeVar("R")


def answers(task: Task[P, R]) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let a function of the same signature answer the task; it is asked before any model.

    `.using("name of a model")` still asks that model; `.using("name of the function")` asks this function.
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
