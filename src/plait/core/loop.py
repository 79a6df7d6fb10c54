"""The one background event loop that synchronous calls go through, so that they work in a notebook as in a script."""

import asyncio
import concurrent.futures
import threading
from collections.abc import AsyncIterator, Coroutine, Generator
from functools import cache
from typing import Any, TypeVar

T = TypeVar("T")


@cache
def loop() -> asyncio.AbstractEventLoop:
    """The loop, started with the first call. Its thread ends with the process."""
    background = asyncio.new_event_loop()
    threading.Thread(target=background.run_forever, name="plait", daemon=True).start()
    return background


def submitted(work: Coroutine[Any, Any, T]) -> concurrent.futures.Future[T]:
    return asyncio.run_coroutine_threadsafe(work, loop())


def run(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work. Ctrl-C cancels it."""
    future = submitted(work)
    try:
        return future.result()
    except BaseException:
        future.cancel()
        raise


async def awaited(work: Coroutine[Any, Any, T]) -> T:
    """The result of the work, awaited on the caller's own loop; cancelled with the caller."""
    return await asyncio.wrap_future(submitted(work))


def iterate(items: AsyncIterator[T]) -> Generator[T, None, None]:
    """The items of an async iterator, one by one. Closing the generator, or Ctrl-C, closes the iterator."""
    try:
        while True:
            try:
                yield run(advance(items))
            except StopAsyncIteration:
                return
    finally:
        run(close(items))


async def aiterate(items: AsyncIterator[T]) -> AsyncIterator[T]:
    """As `iterate`, awaited on the caller's own loop."""
    try:
        while True:
            try:
                yield await awaited(advance(items))
            except StopAsyncIteration:
                return
    finally:
        await awaited(close(items))


async def advance(items: AsyncIterator[T]) -> T:
    return await anext(items)


async def close(items: AsyncIterator[Any]) -> None:
    aclose = getattr(items, "aclose", None)
    if aclose is not None:
        await aclose()
