"""The gate: whatever an engine says becomes a valid answer here, or an error; never half an object."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from pydantic import BaseModel

from plait.core.engine.protocol import Engine, Finish, PartialAnswer, TaskRequest, TextDelta
from plait.core.engine.validation import AnswerEvent, Completed, ListItem, answer_events
from plait.core.errors import AnswerTooLong, EngineDied, InvalidAnswer, TimedOut, error_text
from plait.core.task.printed_call import task_address
from plait.core.task.task import Task, task
from plait.testing.engines import (
    INVALID_ANSWERS,
    ORDER,
    FixedTextEngine,
    check_validation,
    greet,
    outcome,
    read_order,
    task_request,
    weigh,
)


class Invoice(BaseModel):
    number: str
    issued: date


@task
def extract_invoice(text: str) -> Invoice:
    """Read the invoice {text} and fill in its fields."""
    ...


def request(each: Task[..., Any], **inputs: Any) -> TaskRequest:
    return task_request(each, inputs)


def events(engine: Engine, request: TaskRequest, *, streamed: bool = False, timeout: float = 5) -> list[AnswerEvent]:
    async def collect() -> list[AnswerEvent]:
        return [event async for event in answer_events(engine, request, streamed=streamed, timeout=timeout)]

    return asyncio.run(collect())


class Scripted(FixedTextEngine):
    """Writes one text after the other."""

    def __init__(self, *texts: str) -> None:
        super().__init__("")
        self.texts = list(texts)
        self.asks: list[TaskRequest] = []

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
        self.asks.append(request)
        self.text = self.texts.pop(0)
        async for piece in super().answer(request):
            yield piece


# ── wrong answers never get through ──


def test_every_wrong_answer_of_the_kit_is_refused() -> None:
    asyncio.run(check_validation())


@pytest.mark.parametrize("what", INVALID_ANSWERS)
def test_an_invalid_answer_is_requested_twice_and_then_refused(what: str) -> None:
    each, text = INVALID_ANSWERS[what]
    engine = FixedTextEngine(text, chunk_size=100_000)
    error = asyncio.run(outcome(engine, each, False))
    assert isinstance(error, InvalidAnswer)
    assert engine.request_count == 2 and error.answer == text and "answered twice with an invalid" in error.message


def test_the_message_of_an_invalid_answer_names_type_field_and_value() -> None:
    with pytest.raises(InvalidAnswer) as caught:
        events(FixedTextEngine('{"number":"A1","issued":"2026-02-31"}'), request(extract_invoice, text="x"))
    assert error_text(caught.value) == (
        "InvalidAnswer: extract_invoice answered twice with an invalid Invoice\n"
        '    issued: should be a date such as 2026-03-14: day is out of range for month    "2026-02-31"\n'
        "  → the answer is in error.answer; more shots or a larger model help "
        f"(plait evaluate {task_address(extract_invoice.declaration)})"
    )


def test_a_second_attempt_may_succeed_and_knows_that_it_is_the_second() -> None:
    engine = Scripted("nonsense", ORDER)
    (event,) = events(engine, request(read_order, text="x"))
    assert isinstance(event, Completed) and event.value.what == "nails"  # type: ignore[attr-defined]
    assert [task_request.attempt for task_request in engine.asks] == [0, 1]


def test_items_already_streamed_are_not_retracted_by_a_second_attempt() -> None:
    engine = Scripted("[1.5, 0]", "[1.5, 2]")
    with pytest.raises(InvalidAnswer) as caught:
        events(engine, request(weigh, things="x"), streamed=True)
    assert len(engine.asks) == 1 and "answered with an invalid" in caught.value.message
    engine = Scripted("a" * 201, "short")
    with pytest.raises(InvalidAnswer) as caught:
        events(engine, request(greet, name="x"), streamed=True)
    assert len(engine.asks) == 1 and "twice" not in caught.value.message


def test_an_item_is_validated_before_it_is_streamed() -> None:
    handed_out: list[AnswerEvent] = []

    async def collect() -> None:
        async for event in answer_events(
            FixedTextEngine("[1.5, 0, 2]"), request(weigh, things="x"), streamed=True, timeout=5
        ):
            handed_out.append(event)

    with pytest.raises(InvalidAnswer):
        asyncio.run(collect())
    assert handed_out == [ListItem(1.5)]


def test_a_partial_record_may_be_replaced_by_a_second_attempt() -> None:
    results = events(Scripted('{"what":"nai', ORDER), request(read_order, text="x"), streamed=True)
    assert isinstance(results[-1], Completed) and isinstance(results[0], PartialAnswer)


def test_an_answer_cut_by_its_limit_is_too_long_at_once() -> None:
    engine = FixedTextEngine(ORDER, is_complete=False)
    with pytest.raises(AnswerTooLong, match=r"read_order did not finish its answer within \d+ tokens") as caught:
        events(engine, request(read_order, text="x"))
    assert engine.request_count == 1 and caught.value.answer == ORDER and caught.value.hint


def test_a_stream_without_a_finish_event_is_read_to_its_end() -> None:
    class Endless(FixedTextEngine):
        async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
            yield TextDelta(self.text)

    assert isinstance(events(Endless(ORDER), request(read_order, text="x"))[0], Completed)
    with pytest.raises(InvalidAnswer):
        events(Endless(ORDER[:-1]), request(read_order, text="x"))


# ── what is handed out on the way ──


def test_a_text_is_streamed_without_blank_lines_around_it() -> None:
    *pieces, last = events(
        FixedTextEngine("  Hello,  \nAda!\n\n", chunk_size=3), request(greet, name="x"), streamed=True
    )
    assert isinstance(last, Completed) and last.value == last.json_value == "  Hello,  \nAda!"
    assert "".join(piece.text for piece in pieces if isinstance(piece, TextDelta)) == last.value and len(pieces) > 3


def test_items_of_a_list_are_streamed_one_by_one() -> None:
    results = events(FixedTextEngine("[1.5, 2, 3]", chunk_size=1), request(weigh, things="x"), streamed=True)
    assert results[:-1] == [ListItem(1.5), ListItem(2.0), ListItem(3.0)]


def test_a_record_is_streamed_as_partial_answers() -> None:
    *growing, last = events(FixedTextEngine(ORDER), request(read_order, text="x"), streamed=True)
    wires = [event.json_value for event in growing if isinstance(event, PartialAnswer)]
    assert wires[0] == {} and wires[-1] == {"what": "nails", "pieces": 2, "due": "2026-03-14", "size": "large"}
    assert all(one != other for one, other in pairwise(wires))
    assert isinstance(last, Completed) and last.json_value == {**wires[-1], "pieces": 2.0}  # type: ignore[dict-item]


def test_an_unstreamed_answer_is_one_event() -> None:
    assert [type(event) for event in events(FixedTextEngine("Hello"), request(greet, name="x"))] == [Completed]


def test_an_answer_has_an_id_with_the_tasks_fingerprint() -> None:
    one, other = (events(FixedTextEngine("Hello", digest="d1"), request(greet, name="x"))[0] for _ in range(2))
    assert isinstance(one, Completed) and isinstance(other, Completed)
    assert one.id != other.id and one.id.startswith(f"{greet.declaration.fingerprint}-")
    assert one.model == "writes@d1" and one.usage.answer_tokens == 5


# ── time, and stopping ──


class Slow(FixedTextEngine):
    """Waits before each piece; `stopped` tells that its work ended early."""

    wait = 0.05
    stopped = False

    async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
        try:
            async for piece in super().answer(request):
                await asyncio.sleep(self.wait)
                yield piece
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped = True
            raise


def test_a_timeout_stops_the_engine() -> None:
    engine = Slow(ORDER)
    with pytest.raises(TimedOut, match=r"no answer within 0\.08 seconds") as caught:
        events(engine, request(read_order, text="x"), timeout=0.08)
    assert engine.stopped and caught.value.retryable


def test_the_timeout_covers_both_attempts() -> None:
    engine = Slow("nonsense", chunk_size=8)
    engine.wait = 0.3  # an attempt takes 0.6 seconds: each is within the limit, both are not
    with pytest.raises(TimedOut):
        events(engine, request(read_order, text="x"), timeout=1)
    assert engine.request_count == 2


def test_time_spent_by_the_consumer_does_not_count() -> None:
    async def slowly() -> list[AnswerEvent]:
        received: list[AnswerEvent] = []
        async for event in answer_events(
            FixedTextEngine("abc", chunk_size=1), request(greet, name="x"), streamed=True, timeout=1
        ):
            await asyncio.sleep(0.4)  # more than the limit in all
            received.append(event)
        return received

    assert isinstance(asyncio.run(slowly())[-1], Completed)


def test_closing_the_answer_stops_the_engine() -> None:
    engine = Slow("Hello, Ada!")

    async def first() -> None:
        stream = answer_events(engine, request(greet, name="x"), streamed=True, timeout=5)
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(first())
    assert engine.stopped


@pytest.mark.parametrize("fault", [EngineDied("gone"), TimeoutError("the engine's own"), ZeroDivisionError()])
def test_an_error_of_the_engine_is_passed_on_unchanged(fault: Exception) -> None:
    class Dying(FixedTextEngine):
        async def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:
            yield TextDelta("{")
            raise fault

    with pytest.raises(type(fault)) as caught:
        events(Dying(""), request(read_order, text="x"))
    assert caught.value is fault


class Plain(FixedTextEngine):
    """Returns its pieces in an iterator that cannot be closed."""

    def answer(self, request: TaskRequest) -> AsyncIterator[TextDelta | Finish]:  # type: ignore[override]
        return aiter(Pieces(super().answer(request)))


class Pieces:
    def __init__(self, pieces: AsyncIterator[TextDelta | Finish]) -> None:
        self.pieces = pieces

    def __aiter__(self) -> "Pieces":
        return self

    async def __anext__(self) -> TextDelta | Finish:
        return await anext(self.pieces)


def test_an_engine_whose_answer_cannot_be_closed_is_named() -> None:
    with pytest.raises(TypeError, match=r"writes.answer returns a Pieces: make it an async generator"):
        events(Plain("Hello"), request(greet, name="Ada"))
