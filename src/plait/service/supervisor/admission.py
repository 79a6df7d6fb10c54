"""Who may use an engine's process: by free tokens and slots, in order of arrival, a bounded queue behind it."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from plait.core.errors import EngineBusy


class Admission:
    """`tokens` of cache and `slots` at once are shared out; more than `queue` waiting are turned away."""

    def __init__(self, tokens: int, slots: int, queue: int) -> None:
        self.tokens, self.slots, self.queue = tokens, slots, queue
        self.waiting: deque[tuple[int, asyncio.Future[None]]] = deque()

    @asynccontextmanager
    async def room(self, tokens: int) -> AsyncIterator[None]:
        """Room for so many tokens, for as long as it is held. Raises EngineBusy where too many wait."""
        await self.take(tokens)
        try:
            yield
        finally:
            self.give(tokens)

    async def take(self, tokens: int) -> None:
        if not self.waiting and self.fits(tokens):
            self.book(tokens)
            return
        if len(self.waiting) >= self.queue:
            raise EngineBusy(f"{self.queue} calls are waiting already", way_out="ask again in a moment")
        turn = asyncio.get_running_loop().create_future()
        self.waiting.append((tokens, turn))
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give(tokens)
            else:
                with suppress(ValueError):  # passed over already
                    self.waiting.remove((tokens, turn))
                self.admit()
            raise

    def fits(self, tokens: int) -> bool:
        return self.slots > 0 and tokens <= self.tokens

    def book(self, tokens: int) -> None:
        self.tokens -= tokens
        self.slots -= 1

    def give(self, tokens: int) -> None:
        self.tokens += tokens
        self.slots += 1
        self.admit()

    def admit(self) -> None:
        """Lets in from the front of the queue, never past a large one: it would wait for ever."""
        while self.waiting:
            tokens, turn = self.waiting[0]
            # One that was cancelled in this very moment has not been able to leave the queue yet.
            if not turn.cancelled():
                if not self.fits(tokens):
                    return
                self.book(tokens)
                turn.set_result(None)
            self.waiting.popleft()
