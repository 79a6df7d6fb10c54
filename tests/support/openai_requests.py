"""Asking an OpenAI-compatible server of a test: one task, one call, on an event loop of its own."""

import asyncio
import dataclasses
import time
from contextlib import aclosing
from typing import Any

import pytest

from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.engine.validation import AnswerEvent, Completed, answer_events
from plait.core.errors import PlaitError
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Message, Prompt
from plait.core.task.task import Task
from plait.service.engines.openai.config import Config
from plait.service.engines.openai.engine import OpenAI
from plait.testing.engines import read_order, task_request

KEY = "sk-of-this-test-1234567890"
TEXT = {"text": "Two large boxes of nails, please, by 14 March 2026."}


def model(url: str, **settings: Any) -> OpenAI:
    return OpenAI("gpu-box", Config(url=url, **{"name": "m", "key": KEY, **settings}))


def collect_events(
    engine: OpenAI,
    task: Task[..., Any] = read_order,
    inputs: dict[str, object] | None = None,
    *,
    timeout: float = 10,
    streamed: bool = False,
    times: int = 1,
    candidates: int = 0,
) -> list[AnswerEvent]:
    """The events of a call, or of the last of several, from an engine that is closed afterwards."""

    async def collect() -> list[AnswerEvent]:
        received: list[AnswerEvent] = []
        ask = dataclasses.replace(task_request(task, TEXT if inputs is None else inputs), candidates=candidates)
        try:
            for _ in range(times):
                async with aclosing(
                    answer_events(ChatEngine(engine), ask, streamed=streamed, timeout=timeout)
                ) as events:
                    received = [event async for event in events]
        finally:
            await engine.aclose()
        return received

    return asyncio.run(collect())


def complete(engine: OpenAI, *about: Any, **how: Any) -> Completed:
    last = collect_events(engine, *about, **how)[-1]
    assert isinstance(last, Completed)
    return last


def error_of(engine: OpenAI, *about: Any, **how: Any) -> PlaitError:
    with pytest.raises(PlaitError) as caught:
        collect_events(engine, *about, **how)
    return caught.value


def chat_text(
    engine: OpenAI, prompt: str | Prompt = "Hi", grammar: Grammar | None = None, **sampling: Any
) -> tuple[str, Finish, str]:
    """The text, the finish event and the deltas for one message."""
    words = Prompt((Message("user", prompt),)) if isinstance(prompt, str) else prompt

    async def collect() -> tuple[str, Finish, str]:
        text, end, pieces = "", Finish(), ""
        try:
            async with aclosing(engine.chat(words, grammar, dataclasses.replace(Sampling(64), **sampling))) as stream:
                async for each in stream:
                    if isinstance(each, TextDelta):
                        text, pieces = text + each.text, pieces + "|"
                    else:
                        end = each
        finally:
            await engine.aclose()
        return text, end, pieces

    return asyncio.run(collect())


def seconds(work: Any) -> float:
    started = time.monotonic()
    work()
    return time.monotonic() - started
