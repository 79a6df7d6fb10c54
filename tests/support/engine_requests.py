"""Small tasks, and a transport whose engine repeats its input."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import aclosing

from pydantic import BaseModel

from plait.core.calls.transport import Call, TaskSummary
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.core.engine.validation import AnswerEvent, answer_events
from plait.core.prompting.example_rows import Example
from plait.core.task.declaration import Declaration
from plait.core.task.task import task
from plait.core.values.call_context import call_context
from plait.testing.engines import FixedTextEngine


class Pair(BaseModel):
    left: str
    right: int


@task
def echo(text: str) -> str:
    """Say {text}."""
    ...


@task
def pair(text: str) -> Pair:
    """Split {text}."""
    ...


@task
def numbers(text: str) -> list[int]:
    """Which numbers are in {text}?"""
    ...


class Echo(FixedTextEngine):
    """Writes the text it was asked with; a text `wait 0.1 x` is waited for. Counts who works, at most and now."""

    working = most = done = 0

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
        text = str(request.inputs["text"])
        self.working += 1
        self.most = max(self.most, self.working)
        try:
            if text.startswith("wait "):
                _, seconds, text = text.split(" ", 2)
                await asyncio.sleep(float(seconds))
            for character in text:
                await asyncio.sleep(0)
                yield TextDelta(character)
            yield Finish()
            self.done += 1
        finally:
            await asyncio.sleep(0)  # winding up takes a turn of the loop, as a real engine's does
            self.working -= 1


class EchoTransport:
    """A transport with one engine."""

    def __init__(self) -> None:
        self.engine = Echo("")
        self.calls: list[Call] = []

    async def answer(self, call: Call) -> AsyncIterator[AnswerEvent]:
        self.calls.append(call)
        context = call_context(call.declaration, call.inputs, by_name=True)
        request = TaskRequest(call.declaration, call.inputs, context, call.options)
        async with aclosing(answer_events(self.engine, request, streamed=call.streamed, timeout=10)) as events:
            async for event in events:
                yield event

    async def chat(self, conversation: Conversation) -> AsyncIterator[TextDelta | Finish]:
        yield Finish()

    async def tasks(self) -> list[TaskSummary]:
        return []

    async def correct(self, declaration: Declaration, id: str, changes: Mapping[str, object]) -> Example:
        raise AssertionError("nothing is corrected here")

    async def undo_correction(self, declaration: Declaration, id: str) -> bool:
        return False

    async def aclose(self) -> None: ...


PAIR = '{"left":"a","right":2}'
