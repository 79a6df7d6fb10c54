"""How a call travels: from Python's own call to the door to models, and back.

`plait.core.task.task` imports this with the first call: an event loop alone costs as much as the rest of core.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from plait.core.calls import event_loop
from plait.core.calls.batch import Outcome, Progress, outcomes
from plait.core.calls.streaming import handed_out
from plait.core.calls.transport import Call, Transport, transport
from plait.core.engine.validation import Answered, Event
from plait.core.errors import BatchFailed, InputError
from plait.core.task.declaration import Declaration

T = TypeVar("T")
Ready = Callable[..., Call]  # the call that some inputs make


def answer(call: Call) -> Any:
    return event_loop.run(answer_of(call, transport()))


async def aanswer(call: Call) -> Any:
    return await event_loop.awaited(answer_of(call, transport()))


def stream(call: Call) -> Iterator[Any]:
    return event_loop.iterate(pieces(call))


def astream(call: Call) -> AsyncIterator[Any]:
    return event_loop.aiterate(pieces(call))


def pieces(call: Call) -> AsyncIterator[Any]:
    return handed_out(transport().answer(call), call.declaration.answer.name)


def batch(declaration: Declaration, ready: Ready, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
    return event_loop.run(batched(declaration, ready, rows, transport()))


async def abatch(declaration: Declaration, ready: Ready, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
    return await event_loop.awaited(batched(declaration, ready, rows, transport()))


async def batched(
    declaration: Declaration, ready: Ready, rows: Iterable[Mapping[str, Any]], through: Transport
) -> list[Any]:
    progress = Progress(declaration.name, len(rows) if isinstance(rows, list) else None)
    done: list[Outcome] = []
    failed = 0
    async for outcome in outcomes(lambda row: row_answer(ready, row, through), rows):
        done.append(outcome)
        failed += outcome.error is not None
        progress.tell(len(done), failed)
    if failed:
        raise BatchFailed(
            f"{failed} of {len(done)} rows failed",
            answers=[outcome.answer for outcome in done],
            errors=[outcome.error for outcome in done],
        )
    return [outcome.answer for outcome in done]


def row_answer(ready: Ready, row: Any, through: Transport) -> Awaitable[Any]:
    if not isinstance(row, Mapping):
        raise InputError(f"a row is a mapping of slots, not {row!r}", way_out='batch([{"text": ...}, ...])')
    return answer_of(ready(**cast("Mapping[str, Any]", row)), through)


async def answer_of(call: Call, through: Transport) -> Any:
    return (await answered(through.answer(call))).value


async def answered(events: AsyncIterator[Event]) -> Answered:
    """The last event of an answer."""
    last: Event | None = None
    async for event in events:
        last = event
    assert isinstance(last, Answered)
    return last
