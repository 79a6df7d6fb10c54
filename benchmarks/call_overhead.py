"""Plait's own work per call: a task answered by the `scripted` engine, which does nothing else. Budget: at most 300 µs.

own_work     CPU time of a call on the caller's event loop: inputs, grammar, validation, answer; the budget is for this
quoting      the same for an answer whose 13 values are quoted: candidates, grammar and evidence, the text being known
new_text     the same for a text that was not seen before: its words and numbers are found first
call         wall time of a synchronous call, which also switches to the background thread and back
round_trip   wall time of an empty coroutine on the background thread: 100 to 400 µs on virtual machines

python -m benchmarks.call_overhead
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from datetime import date
from decimal import Decimal
from itertools import count, repeat

from pydantic import BaseModel

from benchmarks.measure import interleaved_timings, median, report
from plait import Task, engine, task
from plait.core.calls import dispatch, event_loop
from plait.core.calls.transport import transport
from plait.tasks.extract_invoice import Invoice, extract_invoice

CALLS, ROUNDS = 500, 9


class PlainLine(BaseModel):
    what: str
    quantity: int
    price: Decimal


class PlainInvoice(BaseModel):
    number: str
    issued: date
    seller: str
    lines: list[PlainLine]
    currency: str


@task
def read_invoice(text: str) -> PlainInvoice:
    """The invoice in {text}."""


ANSWER = Invoice.model_validate(
    {
        "number": "2026-0031",
        "issued": "2026-03-14",
        "seller": "Marrowbeg Books & Paper Ltd",
        "lines": [{"what": "five articles", "quantity": 2, "price": "9.90"} for _ in range(5)],
        "currency": "EUR",
    }
)
PLAIN_ANSWER = PlainInvoice.model_validate(ANSWER.model_dump())
TEXT = "Marrowbeg Books & Paper Ltd, invoice 2026-0031 of 14 March 2026: five articles, two of each at 9.90 EUR."


async def empty() -> None: ...


async def call_on_this_loop(called: Task[..., object], texts: Iterator[str]) -> None:
    for _ in range(CALLS):
        await dispatch.answer_value(called.call(text=next(texts)), transport())


def own_work(called: Task[..., object], texts: Iterator[str]) -> float:
    """CPU microseconds per call on one event loop."""
    started = time.process_time()
    asyncio.run(call_on_this_loop(called, texts))
    return (time.process_time() - started) / CALLS * 1e6


def wall(call: Callable[[], object]) -> float:
    """Microseconds per call."""
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS * 1e6


def main() -> None:
    known, new = repeat(TEXT), (f"{TEXT} Page {number}." for number in count())
    with engine.scripted({extract_invoice: ANSWER, read_invoice: PLAIN_ANSWER}):
        timings = interleaved_timings(
            ROUNDS,
            own_work=lambda: own_work(read_invoice, known),
            quoting=lambda: own_work(extract_invoice, known),
            new_text=lambda: own_work(extract_invoice, new),
            call=lambda: wall(lambda: read_invoice(TEXT)),
            round_trip=lambda: wall(lambda: event_loop.run(empty())),
        )
    report("call_overhead", {f"{name}_microseconds": round(median(values), 1) for name, values in timings.items()})


if __name__ == "__main__":
    main()
