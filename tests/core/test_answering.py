"""The gate: whatever an engine says becomes a valid answer here, or an error; never half an object."""

import asyncio
from collections.abc import AsyncIterator
from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from pydantic import BaseModel

from plait.core.engine.protocol import Ask, End, Engine, Piece
from plait.core.engine.validation import Answered, Event, Item, SoFar, answers
from plait.core.errors import AnswerTooLong, EngineDied, InvalidAnswer, TimedOut, words
from plait.core.task.task import Task, task
from plait.testing.engines import ORDER, WRONG, Writes, ask_of, check_gate, greet, outcome, read_order, weigh


class Invoice(BaseModel):
    number: str
    issued: date


@task
def extract_invoice(text: str) -> Invoice:
    """Read the invoice {text} and fill in its fields."""
    ...


def ask(each: Task[..., Any], **inputs: Any) -> Ask:
    return ask_of(each, inputs)


def events(engine: Engine, asked: Ask, *, streamed: bool = False, timeout: float = 5) -> list[Event]:
    async def gathered() -> list[Event]:
        return [event async for event in answers(engine, asked, streamed=streamed, timeout=timeout)]

    return asyncio.run(gathered())


class Scripted(Writes):
    """Writes one text after the other."""

    def __init__(self, *texts: str) -> None:
        super().__init__("")
        self.texts = list(texts)
        self.asks: list[Ask] = []

    async def answer(self, ask: Ask) -> AsyncIterator[Piece | End]:
        self.asks.append(ask)
        self.text = self.texts.pop(0)
        async for piece in super().answer(ask):
            yield piece


# ── wrong answers never get through ──


def test_every_wrong_answer_of_the_kit_is_refused() -> None:
    asyncio.run(check_gate())


@pytest.mark.parametrize("what", WRONG)
def test_a_wrong_answer_is_asked_for_twice_and_then_refused(what: str) -> None:
    each, text = WRONG[what]
    engine = Writes(text, piece=100_000)
    refused = asyncio.run(outcome(engine, each, False))
    assert isinstance(refused, InvalidAnswer)
    assert engine.asked == 2 and refused.answer == text and "answered twice with what" in refused.message


def test_the_words_of_an_invalid_answer_name_type_field_and_value() -> None:
    with pytest.raises(InvalidAnswer) as caught:
        events(Writes('{"number":"A1","issued":"2026-02-31"}'), ask(extract_invoice, text="x"))
    assert words(caught.value) == (
        "InvalidAnswer: extract_invoice answered twice with what Invoice refuses\n"
        '    issued: should be a date such as 2026-03-14: day is out of range for month    "2026-02-31"\n'
        "  → the answer is in error.answer; more shots or a larger model help (plait evaluate extract_invoice)"
    )


def test_a_second_attempt_may_be_right_and_is_told_that_it_is_one() -> None:
    engine = Scripted("nonsense", ORDER)
    (answered,) = events(engine, ask(read_order, text="x"))
    assert isinstance(answered, Answered) and answered.value.what == "nails"  # type: ignore[attr-defined]
    assert [asked.attempt for asked in engine.asks] == [0, 1]


def test_what_was_handed_out_is_not_taken_back_by_a_second_attempt() -> None:
    engine = Scripted("[1.5, 0]", "[1.5, 2]")
    with pytest.raises(InvalidAnswer) as caught:
        events(engine, ask(weigh, things="x"), streamed=True)
    assert len(engine.asks) == 1 and "answered with what" in caught.value.message
    engine = Scripted("a" * 201, "short")
    with pytest.raises(InvalidAnswer) as caught:
        events(engine, ask(greet, name="x"), streamed=True)
    assert len(engine.asks) == 1 and "twice" not in caught.value.message


def test_an_item_is_checked_before_it_is_handed_out() -> None:
    handed_out: list[Event] = []

    async def gathered() -> None:
        async for event in answers(Writes("[1.5, 0, 2]"), ask(weigh, things="x"), streamed=True, timeout=5):
            handed_out.append(event)

    with pytest.raises(InvalidAnswer):
        asyncio.run(gathered())
    assert handed_out == [Item(1.5)]


def test_a_record_so_far_may_be_replaced_by_a_second_attempt() -> None:
    found = events(Scripted('{"what":"nai', ORDER), ask(read_order, text="x"), streamed=True)
    assert isinstance(found[-1], Answered) and isinstance(found[0], SoFar)


def test_an_answer_cut_by_its_limit_is_too_long_at_once() -> None:
    engine = Writes(ORDER, whole=False)
    with pytest.raises(AnswerTooLong, match=r"read_order answered more than \d+ tokens") as caught:
        events(engine, ask(read_order, text="x"))
    assert engine.asked == 1 and caught.value.answer == ORDER and caught.value.way_out


def test_an_engine_that_forgets_its_end_is_read_as_far_as_it_went() -> None:
    class Endless(Writes):
        async def answer(self, ask: Ask) -> AsyncIterator[Piece | End]:
            yield Piece(self.text)

    assert isinstance(events(Endless(ORDER), ask(read_order, text="x"))[0], Answered)
    with pytest.raises(InvalidAnswer):
        events(Endless(ORDER[:-1]), ask(read_order, text="x"))


# ── what is handed out on the way ──


def test_a_text_comes_in_pieces_without_the_space_around_it() -> None:
    *pieces, last = events(Writes("  Hello,  \nAda!\n\n", piece=3), ask(greet, name="x"), streamed=True)
    assert isinstance(last, Answered) and last.value == last.wire == "Hello,  \nAda!"
    assert "".join(piece.text for piece in pieces if isinstance(piece, Piece)) == last.value and len(pieces) > 3


def test_items_of_a_list_come_one_by_one() -> None:
    found = events(Writes("[1.5, 2, 3]", piece=1), ask(weigh, things="x"), streamed=True)
    assert found[:-1] == [Item(1.5), Item(2.0), Item(3.0)]


def test_a_record_grows() -> None:
    *growing, last = events(Writes(ORDER), ask(read_order, text="x"), streamed=True)
    wires = [event.wire for event in growing if isinstance(event, SoFar)]
    assert wires[0] == {} and wires[-1] == {"what": "nails", "pieces": 2, "due": "2026-03-14", "size": "large"}
    assert all(one != other for one, other in pairwise(wires))
    assert isinstance(last, Answered) and last.wire == {**wires[-1], "pieces": 2.0}  # type: ignore[dict-item]


def test_an_unstreamed_answer_is_one_event() -> None:
    assert [type(event) for event in events(Writes("Hello"), ask(greet, name="x"))] == [Answered]


def test_an_answer_has_an_id_with_the_tasks_fingerprint() -> None:
    one, other = (events(Writes("Hello", digest="d1"), ask(greet, name="x"))[0] for _ in range(2))
    assert isinstance(one, Answered) and isinstance(other, Answered)
    assert one.id != other.id and one.id.startswith(f"{greet.declaration.fingerprint}-")
    assert one.model == "writes@d1" and one.usage.answer_tokens == 5


# ── time, and stopping ──


class Slow(Writes):
    """Waits before each piece; `stopped` tells that its work ended early."""

    wait = 0.05
    stopped = False

    async def answer(self, ask: Ask) -> AsyncIterator[Piece | End]:
        try:
            async for piece in super().answer(ask):
                await asyncio.sleep(self.wait)
                yield piece
        except (GeneratorExit, asyncio.CancelledError):
            self.stopped = True
            raise


def test_time_that_is_over_stops_the_engine() -> None:
    engine = Slow(ORDER)
    with pytest.raises(TimedOut, match=r"no answer within 0\.08 seconds") as caught:
        events(engine, ask(read_order, text="x"), timeout=0.08)
    assert engine.stopped and caught.value.retryable


def test_the_time_is_that_of_both_attempts() -> None:
    engine = Slow("nonsense", piece=8)
    with pytest.raises(TimedOut):
        events(engine, ask(read_order, text="x"), timeout=0.12)
    assert engine.asked == 2


def test_the_consumers_own_time_does_not_count() -> None:
    async def slowly() -> list[Event]:
        found: list[Event] = []
        async for event in answers(Writes("abc", piece=1), ask(greet, name="x"), streamed=True, timeout=0.2):
            await asyncio.sleep(0.05)
            found.append(event)
        return found

    assert isinstance(asyncio.run(slowly())[-1], Answered)


def test_closing_the_answer_stops_the_engine() -> None:
    engine = Slow("Hello, Ada!")

    async def first() -> None:
        stream = answers(engine, ask(greet, name="x"), streamed=True, timeout=5)
        async for _ in stream:
            break
        await stream.aclose()  # type: ignore[attr-defined]

    asyncio.run(first())
    assert engine.stopped


@pytest.mark.parametrize("fault", [EngineDied("gone"), TimeoutError("the engine's own"), ZeroDivisionError()])
def test_an_engines_own_error_is_passed_on_as_it_is(fault: Exception) -> None:
    class Dying(Writes):
        async def answer(self, ask: Ask) -> AsyncIterator[Piece | End]:
            yield Piece("{")
            raise fault

    with pytest.raises(type(fault)) as caught:
        events(Dying(""), ask(read_order, text="x"))
    assert caught.value is fault
