"""Plait's own work per call: a task answered by the `scripted` engine, which does nothing else. Budget: at most 300 µs.

own_work     CPU time of a call on the caller's event loop: inputs, grammar, validation, answer; the budget is for this
call         wall time of a synchronous call, which also switches to the background thread and back
round_trip   wall time of an empty coroutine on the background thread: 100 to 400 µs on virtual machines

python -m benchmarks.call_overhead
"""

import asyncio
import time
from collections.abc import Callable

from benchmarks.measure import interleaved_timings, median, report
from plait import engine
from plait.core.calls import dispatch, event_loop
from plait.core.calls.transport import transport
from plait.tasks.extract_invoice import Invoice, extract_invoice

CALLS, ROUNDS = 500, 9
ANSWER = Invoice.model_validate(
    {
        "number": "2026-0031",
        "issued": "2026-03-14",
        "seller": "Marrowbeg Books & Paper Ltd",
        "lines": [{"what": "five articles", "quantity": 2, "price": "9.90"} for _ in range(5)],
        "currency": "EUR",
    }
)
TEXT = "Marrowbeg Books & Paper Ltd, invoice 2026-0031 of 14 March 2026: five articles, two of each at 9.90 EUR."


async def empty() -> None: ...


async def call_on_this_loop() -> None:
    for _ in range(CALLS):
        await dispatch.answer_value(extract_invoice.call(text=TEXT), transport())


def own_work() -> float:
    """CPU microseconds per call on one event loop."""
    started = time.process_time()
    asyncio.run(call_on_this_loop())
    return (time.process_time() - started) / CALLS * 1e6


def wall(call: Callable[[], object]) -> float:
    """Microseconds per call."""
    started = time.perf_counter()
    for _ in range(CALLS):
        call()
    return (time.perf_counter() - started) / CALLS * 1e6


def main() -> None:
    with engine.scripted({extract_invoice: ANSWER}):
        timings = interleaved_timings(
            ROUNDS,
            own_work=own_work,
            call=lambda: wall(lambda: extract_invoice(TEXT)),
            round_trip=lambda: wall(lambda: event_loop.run(empty())),
        )
    report("call_overhead", {f"{name}_microseconds": round(median(values), 1) for name, values in timings.items()})


if __name__ == "__main__":
    main()
