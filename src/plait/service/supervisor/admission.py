"""Admits requests to an engine's process by free tokens and slots, in order of arrival, with a bounded queue."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext, suppress

from plait.core.engine.answer_clock import waiting
from plait.core.errors import EngineBusy


class Admission:
    """Allocates `tokens` of cache and `slots` for concurrent requests; at most `queue_limit` calls wait.

    Each request is answered inside `mark`, which shows other processes that this one makes answers.
    """

    def __init__(
        self, tokens: int, slots: int, queue_limit: int, mark: AbstractContextManager[None] | None = None
    ) -> None:
        self.tokens, self.slots, self.queue_limit = tokens, slots, queue_limit
        self.mark = mark or nullcontext()
        self.waiters: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def reserve(self, tokens: int) -> AsyncIterator[None]:
        """Context manager that reserves tokens and one slot. Raises EngineBusy if the queue is full.

        Waiting is no part of the answer's time.
        """
        with waiting():
            await self.acquire(tokens)
        try:
            with self.mark:
                yield
        finally:
            self.release(tokens)

    async def acquire(self, tokens: int) -> None:
        if not self.waiters and self.fits(tokens):
            self.allocate(tokens)
            return
        if len(self.waiters) >= self.queue_limit:
            raise EngineBusy(f"{self.queue_limit} calls are waiting already", hint="try again in a moment")
        turn = asyncio.get_running_loop().create_future()
        self.waiters.append((tokens, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.release(tokens)
            else:
                with suppress(ValueError):  # removed by admit already
                    self.waiters.remove((tokens, turn))
                self.admit()
            raise

    def fits(self, tokens: int) -> bool:
        return self.slots > 0 and tokens <= self.tokens

    def allocate(self, tokens: int) -> None:
        self.tokens -= tokens
        self.slots -= 1

    def release(self, tokens: int) -> None:
        self.tokens += tokens
        self.slots += 1
        self.admit()

    def admit(self) -> None:
        """Admits from the front of the queue only: otherwise a large request could wait forever."""
        while self.waiters:
            tokens, turn = self.waiters[0]
            # A waiter that has just been cancelled may not have left the queue yet.
            if not turn.cancelled():
                if not self.fits(tokens):
                    return
                self.allocate(tokens)
                turn.set_result(None)
            self.waiters.popleft()
