"""check_engine: an engine answers, streams and cancels correctly, and its invalid answers never pass validation.

`TASKS` are the sample tasks. An engine for specific tasks (a function, a script) is tested on those it can answer.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, Field

from plait.core.engine.protocol import Engine, Finish, PartialAnswer, TaskRequest, TextDelta, Usage
from plait.core.engine.validation import AnswerEvent, Completed, ListItem, answer_events
from plait.core.errors import AnswerTooLong, InvalidAnswer, PlaitError
from plait.core.task.options import Options
from plait.core.task.signature import Quoted, Ref
from plait.core.task.task import Task, task
from plait.core.values.call_context import call_context


class Order(BaseModel):
    what: str = Field(max_length=40)
    pieces: float = Field(gt=0, le=1000)
    due: date
    size: Literal["small", "large"]


class Lamp(BaseModel):
    name: str


class Turn(BaseModel):
    lamp: Ref[Lamp]
    on: bool


class NoAction(BaseModel):
    why: str = Field(max_length=40)


@task
def greet(name: str) -> Annotated[str, Field(max_length=200)]:
    """Greet {name} in one short sentence."""
    ...


@task
def read_order(text: str) -> Order:
    """Read the order {text}."""
    ...


@task
def turn(wish: str, lamps: list[Lamp]) -> Turn | NoAction:
    """With {lamps} in the room, what should "{wish}" do?"""
    ...


@task
def weigh(things: str) -> Annotated[list[Annotated[float, Field(gt=0, le=100)]], Field(min_length=1, max_length=3)]:
    """Guess the weight of each of {things} in kilograms."""
    ...


class Offer(BaseModel):
    what: Quoted[str]
    price: Quoted[Decimal]


@task
def read_offer(text: str) -> Offer:
    """What does {text} offer, at which price?"""
    ...


LAMPS = [Lamp(name="hall"), Lamp(name="kitchen")]
TASKS: tuple[tuple[Task[..., Any], dict[str, object]], ...] = (
    (greet, {"name": "Ada"}),
    (read_order, {"text": "Two large boxes of nails, please, by 14 March 2026."}),
    (turn, {"wish": "light in the kitchen", "lamps": LAMPS}),
    (weigh, {"things": "a cat, a chair"}),
    (read_offer, {"text": "Twelve red chairs,\n1.234,50 € each, 90 € for delivery."}),
)


async def check_engine(engine: Engine, *, timeout: float = 120) -> None:
    """Raises AssertionError if the engine violates the protocol. Needs its own event loop; the engine is left open."""
    await check_validation()
    able = [(each, inputs) for each, inputs in TASKS if not engine.can(each.declaration)]
    assert able, f"{engine.name} can answer none of the kit's tasks: {engine.can(greet.declaration)}"
    outcomes = [await check_answer(engine, each, inputs, timeout) for each, inputs in able]
    typed = [valid for (each, _), valid in zip(able, outcomes, strict=True) if each is not greet]
    assert any(typed or outcomes), f"{engine.name} gave no valid answer to any typed task"
    await check_streams(engine, able, timeout)
    await check_concurrency(engine, able, timeout)
    for each, inputs in able:
        await check_cancellation(engine, task_request(each, inputs))


async def check_answer(engine: Engine, sample_task: Task[..., Any], inputs: dict[str, object], timeout: float) -> bool:
    """Checks the answer of a call. Returns False if it raises InvalidAnswer or AnswerTooLong."""
    try:
        events = [
            event
            async for event in answer_events(engine, task_request(sample_task, inputs), streamed=False, timeout=timeout)
        ]
    except (InvalidAnswer, AnswerTooLong):
        return False
    assert [type(event) for event in events] == [Completed], f"{sample_task!r} was answered with {events!r}"
    check_value(sample_task, inputs, events[0])
    return True


def check_value(sample_task: Task[..., Any], inputs: dict[str, object], event: AnswerEvent) -> None:
    assert isinstance(event, Completed)
    decoded = sample_task.declaration.answer.decode(event.json_value, call_context(sample_task.declaration, inputs))
    assert decoded == event.value, f"{event.json_value!r} is not the wire form of {event.value!r}"
    assert event.seconds >= 0 and event.usage.answer_tokens >= 0 and event.model and event.id
    if isinstance(event.value, Turn):
        assert any(event.value.lamp.value is lamp for lamp in LAMPS), "a Ref does not hold the object passed in"


async def check_streams(
    engine: Engine, answerable: list[tuple[Task[..., Any], dict[str, object]]], timeout: float
) -> None:
    """Checks that the streamed pieces add up to the complete answer."""
    for each, inputs in answerable:
        try:
            events = [
                event
                async for event in answer_events(engine, task_request(each, inputs), streamed=True, timeout=timeout)
            ]
        except (InvalidAnswer, AnswerTooLong):
            continue
        *before, last = events
        check_value(each, inputs, last)
        assert isinstance(last, Completed)
        match each.declaration.answer.name:
            case "text":
                pieces = "".join(event.text for event in before if isinstance(event, TextDelta))
                assert pieces == last.value, f"streamed {pieces!r}, whole {last.value!r}"
            case "list":
                items = [event.value for event in before if isinstance(event, ListItem)]
                assert items == last.value, f"streamed {items!r}, whole {last.value!r}"
            case _:
                assert all(isinstance(event, PartialAnswer) for event in before), f"{each!r} streamed {before!r}"


async def check_concurrency(
    engine: Engine, answerable: list[tuple[Task[..., Any], dict[str, object]]], timeout: float
) -> None:
    """Checks that concurrent calls each get their own answer."""
    await asyncio.gather(*(check_answer(engine, each, inputs, timeout) for each, inputs in answerable))


async def check_cancellation(engine: Engine, request: TaskRequest) -> None:
    """Checks that closing the iterator ends the work: no task of the engine remains, and it answers again."""
    before = asyncio.all_tasks()
    async with aclosing(engine.answer(request)) as events:
        await anext(events)
    for _ in range(200):
        if asyncio.all_tasks() <= before:
            break
        await asyncio.sleep(0.01)
    unfinished = [each.get_name() for each in asyncio.all_tasks() - before]
    assert not unfinished, f"{engine.name} still works at {', '.join(unfinished)} after its answer was closed"
    async with aclosing(engine.answer(request)) as events:
        assert [event async for event in events], f"{engine.name} does not answer again after an answer was closed"


def task_request(sample_task: Task[..., Any], inputs: Mapping[str, object]) -> TaskRequest:
    declaration = sample_task.declaration
    return TaskRequest(declaration, inputs, call_context(declaration, inputs, by_name=True), Options(seed=7))


# ── validation: typical mistakes of engines ──


@dataclass
class FixedTextEngine:
    """An engine that answers every request with the same text, in pieces; with `whole` False it is cut by a limit."""

    text: str
    is_complete: bool = True
    chunk_size: int = 5
    name: str = "writes"
    digest: str = ""
    request_count: int = 0

    def can(self, declaration: object) -> str:
        return ""

    async def answer(self, request: TaskRequest) -> AsyncGenerator[TextDelta | Finish, None]:
        self.request_count += 1
        for start in range(0, len(self.text), self.chunk_size):
            yield TextDelta(self.text[start : start + self.chunk_size])
            await asyncio.sleep(0)
        yield Finish(Usage(3, len(self.text)), "stop" if self.is_complete else "length")

    async def aclose(self) -> None: ...


ORDER = '{"what":"nails","pieces":2,"due":"2026-03-14","size":"large"}'
# Each text was observed from a decoder that did not enforce its grammar.
INVALID_ANSWERS: Mapping[str, tuple[Task[..., Any], str]] = {
    "JSON that no grammar allows": (read_order, ORDER.replace('":', '"=')),
    "words around the JSON": (read_order, f"Sure! Here it is: {ORDER}"),
    "0 where exclusiveMinimum is 0": (read_order, ORDER.replace(":2,", ":0,")),
    "0 in a list above 0": (weigh, "[3.5,0]"),
    "more items than allowed": (weigh, "[1,2,3,4]"),
    "a number no float holds": (weigh, "[1e999]"),
    "not a number": (weigh, "[NaN]"),
    "a day that does not exist": (read_order, ORDER.replace("2026-03-14", "2026-02-31")),
    "a label that is none": (read_order, ORDER.replace("large", "huge")),
    "a field too many": (read_order, ORDER.replace("}", ',"colour":"red"}')),
    "a Ref behind the last": (turn, '{"Turn":{"lamp":2,"on":true}}'),
    "a Ref before the first": (turn, '{"Turn":{"lamp":-1,"on":true}}'),
    "a Ref to what was not passed": (turn, '{"Turn":{"lamp":"attic","on":true}}'),
    "true as a Ref": (turn, '{"Turn":{"lamp":true,"on":true}}'),
    "an option that is none": (turn, '{"Explode":{}}'),
    "words of no input": (read_offer, '{"what":"blue chairs","price":"90"}'),
    "words that are torn": (read_offer, '{"what":"red chair","price":"90"}'),
    "a number of no input": (read_offer, '{"what":"chairs","price":"91"}'),
    "an empty quotation": (read_offer, '{"what":"","price":"90"}'),
    "a text too long": (greet, "a" * 201),
    "half an object called whole": (read_order, ORDER[:30]),
    "nothing at all": (read_order, ""),
    "brackets 200,000 deep": (weigh, "[" * 200_000),
}


async def check_validation() -> None:
    """Control test: each invalid answer raises InvalidAnswer, streamed or not; a cut one raises AnswerTooLong."""
    right = FixedTextEngine(ORDER)
    assert await check_answer(right, read_order, {"text": ORDER}, 10), "the gate refuses what is right"
    assert right.request_count == 1, "the gate asks again for what is right"
    for mistake, (each, text) in INVALID_ANSWERS.items():
        for streamed in (False, True):
            result = await outcome(FixedTextEngine(text, chunk_size=max(5, len(text) // 40)), each, streamed)
            assert isinstance(result, InvalidAnswer), f"{mistake} ended in {result!r} (streamed: {streamed})"
    for each, _ in TASKS:
        cut = await outcome(FixedTextEngine(ORDER, is_complete=False), each, False)
        assert isinstance(cut, AnswerTooLong), f"an answer that was cut ended in {cut!r}"


async def outcome(engine: Engine, sample_task: Task[..., Any], streamed: bool) -> AnswerEvent | PlaitError:
    inputs = dict(next(inputs for task, inputs in TASKS if task is sample_task))
    try:
        async with aclosing(
            answer_events(engine, task_request(sample_task, inputs), streamed=streamed, timeout=10)
        ) as events:
            *_, last = [event async for event in events]
    except PlaitError as error:
        return error
    return last
