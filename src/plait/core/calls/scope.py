"""The transport of a block: `with Client(...)`, `engine.scripted(...)`. It reaches the threads that the block starts.

A context variable reaches coroutines and `asyncio.to_thread`, but Python starts a plain thread without a context (until
3.14, and there only on request). `Thread.start` therefore hands the scope of the starting thread on. A thread outlives
its block in a pool, where it works for others next: the scope of a block that has ended is passed over.
"""

import threading
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, partial, wraps
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from plait.core.calls.transport import Transport


@dataclass(eq=False)
class TransportScope:
    """A block whose calls use one transport; None stands for the transport without any block. `outer` encloses it."""

    transport: "Transport | None"
    outer: "TransportScope | None"
    is_open: bool = True

    def close(self) -> None:
        """Ends the block, also for the threads and tasks that it started."""
        self.is_open, self.transport = False, None
        if current_scope.get() is self:
            current_scope.set(self.outer)


current_scope: ContextVar[TransportScope | None] = ContextVar("plait_transport", default=None)


def innermost_scope() -> TransportScope | None:
    """The innermost block around this call that has not ended."""
    scope = current_scope.get()
    while scope is not None and not scope.is_open:
        scope = scope.outer
    return scope


def open_scope(transport: "Transport | None") -> TransportScope:
    """Begins a block, which `TransportScope.close` ends."""
    pass_scope_to_threads()
    scope = TransportScope(transport, innermost_scope())
    current_scope.set(scope)
    return scope


@contextmanager
def use_transport(transport: "Transport | None") -> Generator[None, None, None]:
    """Calls inside the block use this transport; with None, the one that calls outside of any block use."""
    scope = open_scope(transport)
    try:
        yield
    finally:
        scope.close()


@cache
def pass_scope_to_threads() -> None:
    """Extends `Thread.start`, once, with the first block of the process."""
    start = threading.Thread.start

    @wraps(start)
    def start_in_scope(self: threading.Thread) -> None:
        scope = innermost_scope()
        if scope is not None:
            self.run = partial(run_in_scope, scope, self.run)
        start(self)

    threading.Thread.start = start_in_scope


def run_in_scope(scope: TransportScope, run: "Callable[[], None]") -> None:
    current_scope.set(scope)
    run()
