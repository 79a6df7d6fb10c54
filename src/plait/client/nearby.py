"""Finds the server for calls without a client: PLAIT_URL, or a `plait up` on this machine."""

import socket
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from functools import lru_cache

from plait.client.http_transport import HttpTransport
from plait.core.calls.feedback import Feedback
from plait.core.calls.transport import Call, TaskSummary, Transport, local_transport
from plait.core.config import settings
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.engine.validation import AnswerEvent
from plait.core.errors import AnswerNotFound, PlaitError, TaskNotFound
from plait.core.prompting.example_rows import Example
from plait.core.prompting.project import project_digest, project_folder
from plait.core.task.declaration import Declaration

CONNECT_TIMEOUT = 0.25  # seconds for a server of this machine to accept a connection
LOOK_INTERVAL = 2.0  # seconds; a server loads changed files of tasks again


def nearby() -> Transport | None:
    """The server of PLAIT_URL, or a `plait up` on this machine; None without either."""
    config = settings()
    key = config.keys[0] if config.keys else None
    if config.url:
        return remote_transport(config.url, key)
    return (
        local_server_transport(f"http://{config.host}:{config.port}", key)
        if is_listening(config.host, config.port)
        else None
    )


@lru_cache(maxsize=4)
def remote_transport(url: str, key: str | None) -> Transport:
    """One transport per server: its connections are kept from call to call."""
    return HttpTransport(url, key)


@lru_cache(maxsize=4)
def local_server_transport(url: str, key: str | None) -> Transport:
    return NearbyTransport(HttpTransport(url, key))


def is_listening(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), CONNECT_TIMEOUT):
            return True
    except OSError:
        return False


class NearbyTransport:
    """A `plait up` on this machine for tasks with the same fingerprint and project there; this process for all others.

    Another project's server would show its own examples in the prompts.
    """

    def __init__(self, server: HttpTransport) -> None:
        self.server = server
        self.known_tasks: dict[tuple[str, str], tuple[bool, float]] = {}  # with the time of the look

    async def answer(self, call: Call) -> AsyncGenerator[AnswerEvent, None]:
        transport = self.server if not call.code_engines and await self.has_same_task(call) else local_transport()
        async with aclosing(transport.answer(call)) as events:
            async for event in events:
                yield event

    async def has_same_task(self, call: Call) -> bool:
        fingerprint = call.declaration.fingerprint
        project = project_digest(project_folder(call.declaration))
        key = fingerprint, project
        is_same, seen = self.known_tasks.get(key, (False, -LOOK_INTERVAL))
        if time.monotonic() - seen < LOOK_INTERVAL:
            return is_same
        try:
            task = await self.server.get(f"/v1/tasks/{call.declaration.name}")
            is_same = (task["fingerprint"], task.get("project", project)) == key
        except TaskNotFound:
            is_same = False
        except PlaitError:
            return False
        self.known_tasks[key] = is_same, time.monotonic()
        return is_same

    async def correct(self, declaration: Declaration, id: str, changes: Mapping[str, object]) -> Example:
        try:
            return await local_transport().correct(declaration, id, changes)
        except AnswerNotFound:
            return await self.server.correct(declaration, id, changes)

    async def undo_correction(self, declaration: Declaration, id: str) -> bool:
        undone = await local_transport().undo_correction(declaration, id)
        return undone or await self.server.undo_correction(declaration, id)

    async def feedback(self, feedback: Feedback) -> None:
        try:
            await local_transport().feedback(feedback)
        except AnswerNotFound:
            await self.server.feedback(feedback)

    def chat(self, conversation: Conversation) -> AsyncGenerator[TextDelta | Finish, None]:
        return self.server.chat(conversation)

    async def tasks(self) -> list[TaskSummary]:
        return await self.server.tasks()

    async def aclose(self) -> None:
        await self.server.aclose()
