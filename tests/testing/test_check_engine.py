"""check_engine passes an engine that answers, and sees what is wrong with one that does not."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.testing import check_engine
from plait.testing.engines import ORDER, FixedTextEngine

SAID = {
    "greet": "Hello, Ada!",
    "read_order": ORDER,
    "turn": '{"Turn":{"lamp":"kitchen","on":true}}',
    "weigh": "[4,7.5]",
    "read_offer": '{"what":"red chairs","price":"1.234,50"}',
}


class Right(FixedTextEngine):
    """Answers the kit's tasks as it should."""

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
        self.text = SAID[request.declaration.name]
        async for piece in FixedTextEngine(self.text).answer(request):
            yield piece


def test_a_correct_engine_passes() -> None:
    asyncio.run(check_engine(Right("")))


def test_an_engine_with_invalid_answers_fails() -> None:
    with pytest.raises(AssertionError, match="gave no valid answer"):
        asyncio.run(check_engine(FixedTextEngine("{")))


def test_an_engine_without_capabilities_fails() -> None:
    class Unable(Right):
        def can(self, declaration: object) -> str:
            return "it is tired"

    with pytest.raises(AssertionError, match="it is tired"):
        asyncio.run(check_engine(Unable("")))


def test_an_engine_that_works_on_after_closing_fails() -> None:
    class Leaky(Right):
        async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
            work = asyncio.create_task(asyncio.sleep(60), name="leak")
            async for piece in super().answer(request):
                yield piece
            work.cancel()

    with pytest.raises(AssertionError, match="still works at leak"):
        asyncio.run(check_engine(Leaky("")))
