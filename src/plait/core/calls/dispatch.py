"""The path of a call from the Python function to the transport and back.

`plait.core.task.task` imports this module with the first call: an event loop alone costs as much as the rest of core.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from plait.core.calls import event_loop
from plait.core.calls.batch import Outcome, outcomes
from plait.core.calls.streaming import stream_items
from plait.core.calls.transport import Call, Transport, transport
from plait.core.engine.envelope import DetailedAnswer, detailed_answer
from plait.core.engine.validation import AnswerEvent, Completed
from plait.core.errors import BatchFailed, InputError
from plait.core.progress import CountProgress
from plait.core.task.declaration import Declaration

T = TypeVar("T")
CallFactory = Callable[..., Call]  # makes the call from its inputs


def answer(call: Call) -> Any:
    return event_loop.run(answer_value(call, transport()))


async def aanswer(call: Call) -> Any:
    return await event_loop.run_async(answer_value(call, transport()))


def detailed(call: Call) -> DetailedAnswer[Any]:
    return event_loop.run(detailed_value(call, transport()))


async def adetailed(call: Call) -> DetailedAnswer[Any]:
    return await event_loop.run_async(detailed_value(call, transport()))


def stream(call: Call) -> Iterator[Any]:
    return event_loop.iterate(answer_items(call))


def astream(call: Call) -> AsyncIterator[Any]:
    return event_loop.aiterate(answer_items(call))


def answer_items(call: Call) -> AsyncGenerator[Any, None]:
    return stream_items(transport().answer(call), call)


def batch(
    declaration: Declaration, make_call: CallFactory, rows: Iterable[Mapping[str, Any]], *, detailed: bool = False
) -> list[Any]:
    return event_loop.run(run_batch(declaration, row_answers(make_call, transport(), detailed=detailed), rows))


async def abatch(
    declaration: Declaration, make_call: CallFactory, rows: Iterable[Mapping[str, Any]], *, detailed: bool = False
) -> list[Any]:
    answers = row_answers(make_call, transport(), detailed=detailed)
    return await event_loop.run_async(run_batch(declaration, answers, rows))


async def run_batch(
    declaration: Declaration, row_answer: Callable[[Any], Awaitable[Any]], rows: Iterable[Mapping[str, Any]]
) -> list[Any]:
    progress = CountProgress(declaration.name, len(rows) if isinstance(rows, list) else None)
    done: list[Outcome] = []
    failed = 0
    async for outcome in outcomes(row_answer, rows):
        done.append(outcome)
        failed += outcome.error is not None
        progress.update(len(done), failed)
    if failed:
        raise BatchFailed(
            f"{failed} of {len(done)} rows failed",
            answers=[outcome.answer for outcome in done],
            errors=[outcome.error for outcome in done],
        )
    return [outcome.answer for outcome in done]


def row_answers(make_call: CallFactory, transport: Transport, *, detailed: bool) -> Callable[[Any], Awaitable[Any]]:
    """The function that answers a row."""
    answer = detailed_value if detailed else answer_value

    def row_answer(row: Any) -> Awaitable[Any]:
        if not isinstance(row, Mapping):
            raise InputError(f"a row is a mapping of inputs, not {row!r}", hint='batch([{"text": ...}, ...])')
        return answer(make_call(**cast("Mapping[str, Any]", row)), transport)

    return row_answer


async def answer_value(call: Call, transport: Transport) -> Any:
    return (await last_event(transport.answer(call))).value


async def detailed_value(call: Call, transport: Transport) -> DetailedAnswer[Any]:
    return detailed_answer(await last_event(transport.answer(call)), call.declaration, call.inputs)


async def last_event(events: AsyncGenerator[AnswerEvent, None]) -> Completed:
    """The last event of an answer."""
    last: AnswerEvent | None = None
    async for event in events:
        last = event
    assert isinstance(last, Completed)
    return last
