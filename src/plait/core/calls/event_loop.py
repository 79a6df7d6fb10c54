"""The background event loop of synchronous calls, which makes them work in notebooks as in scripts."""

import asyncio
import concurrent.futures
import os
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Generator
from contextlib import aclosing, suppress
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")
start_lock = threading.Lock()


def background_loop() -> asyncio.AbstractEventLoop:
    """The background loop, started with the first call. Its thread ends with the process."""
    with start_lock:
        return start_loop(os.getpid())


@cache
def start_loop(pid: int) -> asyncio.AbstractEventLoop:
    """The loop of this process. A forked child has its parent's loop, but not its thread, and starts one of its own.

    The parent's loop stays in the cache: closed by the child, it would no longer wake the parent, whose epoll it is.
    """
    background = asyncio.new_event_loop()
    threading.Thread(target=run_forever, args=(background,), name="plait", daemon=True).start()
    return background


def run_forever(loop: asyncio.AbstractEventLoop) -> None:
    """Runs the loop. An exit in somebody's code ends the call that raised it, which has it, and not the loop."""
    while True:
        with suppress(SystemExit, KeyboardInterrupt):
            loop.run_forever()


# No thread holds the lock while another one forks: the child would wait for it forever.
if hasattr(os, "register_at_fork"):
    os.register_at_fork(
        before=start_lock.acquire, after_in_parent=start_lock.release, after_in_child=start_lock.release
    )


def submit(coroutine: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
    return asyncio.run_coroutine_threadsafe(coroutine, background_loop())


def run(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of the coroutine. Ctrl-C cancels it. Raises RuntimeError on the background loop itself."""
    if asyncio._get_running_loop() is background_loop():  # pyright: ignore[reportPrivateUsage] - the public one raises where none is
        coroutine.close()
        raise RuntimeError("a task was called inside Plait's own loop: write `await task.acall(...)` there")
    future = submit(coroutine)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


async def run_async(coroutine: Coroutine[Any, Any, T]) -> T:
    """The result of the work, awaited on the caller's own loop; cancelled with the caller."""
    return await asyncio.wrap_future(submit(coroutine))


def iterate(items: AsyncGenerator[T, None]) -> Generator[T, None, None]:
    """The items of an async iterator, one by one. Closing the generator, or Ctrl-C, closes the iterator."""
    turn = asyncio.Lock()
    try:
        while True:
            try:
                yield run(next_item(items, turn))
            except StopAsyncIteration:
                return
    finally:
        run(close(items, turn))


async def aiterate(items: AsyncGenerator[T, None]) -> AsyncIterator[T]:
    """The same as `iterate`, awaited on the caller's own loop."""
    turn = asyncio.Lock()
    try:
        while True:
            try:
                yield await run_async(next_item(items, turn))
            except StopAsyncIteration:
                return
    finally:
        await run_async(close(items, turn))


async def next_item(items: AsyncIterator[T], lock: asyncio.Lock) -> T:
    async with lock:
        return await anext(items)


async def close(items: AsyncGenerator[Any, None], lock: asyncio.Lock) -> None:
    """Closes the iterator after a cancelled step has ended: a generator that is running cannot be closed."""
    async with lock, aclosing(items):
        pass
