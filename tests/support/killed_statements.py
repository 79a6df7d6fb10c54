"""Kills a process before each nth statement that it sends to a database."""

import os
import warnings
from collections.abc import Callable
from typing import Any

from sqlalchemy import Connection

KILLED = 9


def is_killed_before(step: int, work: Callable[[], None]) -> bool:
    """Whether a process that does this work is killed before this statement of all that it executes."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of fork, where there are threads
        child = os.fork()
    if not child:
        count, execute = 0, Connection._execute_context  # type: ignore[attr-defined]

        def counted(self: Connection, *args: Any, **kwargs: Any) -> Any:
            nonlocal count
            count += 1
            if count == step:
                os._exit(KILLED)
            return execute(self, *args, **kwargs)

        Connection._execute_context = counted  # type: ignore[attr-defined]
        try:
            work()
            os._exit(0)
        finally:
            os._exit(1)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == KILLED


def kill_everywhere(work: Callable[[], None], consistent: Callable[[], bool], stride: int) -> tuple[int, bool]:
    """The number of statements of some work, and whether all was whole after a kill before each nth one."""
    step, whole = 1, True
    while is_killed_before(step, work):
        whole = whole and consistent()
        step += stride
    return step, whole
