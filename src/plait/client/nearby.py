"""Which server a call goes to when nobody names a client: PLAIT_URL's, or a `plait up` of this machine."""

import socket
from collections.abc import AsyncIterator
from functools import lru_cache

from plait.client.http_transport import HttpTransport
from plait.core.calls.event_loop import closing
from plait.core.calls.transport import Call, TaskCard, Transport, in_process
from plait.core.config import settings
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import End, Piece
from plait.core.engine.validation import Event
from plait.core.errors import NoTask, PlaitError

NEAR = 0.25  # seconds that a server of this machine has to say that it is there


def nearby() -> Transport | None:
    """The server that PLAIT_URL names, or a `plait up` of this machine; None where neither is there."""
    told = settings()
    key = told.keys[0] if told.keys else None
    if told.url:
        return named_server(told.url, key)
    return near_server(f"http://{told.host}:{told.port}", key) if listening(told.host, told.port) else None


@lru_cache(maxsize=4)
def named_server(url: str, key: str | None) -> Transport:
    """One transport per server: its connections are kept from call to call."""
    return HttpTransport(url, key)


@lru_cache(maxsize=4)
def near_server(url: str, key: str | None) -> Transport:
    return NearbyTransport(HttpTransport(url, key))


def listening(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), NEAR):
            return True
    except OSError:
        return False


class NearbyTransport:
    """A `plait up` of this machine for the tasks that it knows word for word; this process for all others."""

    def __init__(self, server: HttpTransport) -> None:
        self.server = server
        self.known: dict[str, bool] = {}

    async def answer(self, call: Call) -> AsyncIterator[Event]:
        chosen = self.server if not call.by_code and await self.knows(call) else in_process()
        async with closing(chosen.answer(call)) as events:
            async for each in events:
                yield each

    async def knows(self, call: Call) -> bool:
        fingerprint = call.declaration.fingerprint
        if fingerprint not in self.known:
            try:
                told = await self.server.get(f"/v1/tasks/{call.declaration.name}")
                self.known[fingerprint] = told["fingerprint"] == fingerprint
            except NoTask:
                self.known[fingerprint] = False
            except PlaitError:
                return False
        return self.known[fingerprint]

    def chat(self, conversation: Conversation) -> AsyncIterator[Piece | End]:
        return self.server.chat(conversation)

    async def tasks(self) -> list[TaskCard]:
        return await self.server.tasks()

    async def aclose(self) -> None:
        await self.server.aclose()
