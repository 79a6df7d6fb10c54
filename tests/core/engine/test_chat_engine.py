"""Any model that chats is an engine: held to the task's grammar, greedy first, livelier when asked again."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import Finish, TaskRequest, TextDelta
from plait.core.engine.validation import AnswerEvent, answer_events
from plait.core.errors import InvalidAnswer
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Prompt
from plait.core.task.options import Options
from plait.testing.engines import greet, read_order, task_request, turn


def events(engine: ChatEngine, request: TaskRequest) -> list[AnswerEvent]:
    async def collect() -> list[AnswerEvent]:
        return [event async for event in answer_events(engine, request, streamed=False, timeout=5)]

    return asyncio.run(collect())


class Parrot:
    """A model that chats: says its text, and remembers what it was held to."""

    name, digest, accepts, box_format = "parrot", "p1", frozenset[str](), ""

    def __init__(self, text: str) -> None:
        self.text = text
        self.heard: list[tuple[Prompt, Grammar | None, Sampling]] = []

    async def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncIterator[TextDelta | Finish]:
        self.heard.append((prompt, grammar, sampling))
        yield TextDelta(self.text)
        yield Finish()

    async def aclose(self) -> None: ...


def test_a_chat_model_is_constrained_by_the_grammar_of_the_task() -> None:
    parrot = Parrot("nonsense")
    engine = ChatEngine(parrot)
    assert engine.can(turn.declaration) == "" and engine.name == "parrot" and engine.digest == "p1"
    with pytest.raises(InvalidAnswer):
        events(engine, task_request(read_order, {"text": "x"}))
    (_, grammar, greedy), (_, _, livelier) = parrot.heard
    assert grammar == read_order.grammar and greedy.temperature == 0 < livelier.temperature
    assert (greedy.seed, livelier.seed) == (7, 8)


def test_options_set_temperature_and_seed() -> None:
    parrot = Parrot("Hi")
    request = TaskRequest(
        greet.declaration, {"name": "x"}, task_request(greet, {"name": "x"}).context, Options(seed=3, temperature=1.5)
    )
    events(ChatEngine(parrot), request)
    assert (parrot.heard[0][2].seed, parrot.heard[0][2].temperature) == (3, 1.5)
