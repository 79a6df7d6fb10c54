"""Plait's own work per call: a task answered by the `scripted` engine, which does nothing else. Budget: at most 300 µs.

python -m benchmarks.call_overhead
"""

import time

from benchmarks.measure import median, report
from plait import engine
from plait.tasks.extract_invoice import Invoice, extract_invoice

CALLS, ROUNDS = 500, 9
ANSWER = Invoice.model_validate(
    {
        "number": "2026-0031",
        "issued": "2026-03-14",
        "seller": "Marrowbeg Books & Paper Ltd",
        "lines": [{"what": f"article {n}", "quantity": 2, "price": 9.9} for n in range(5)],
        "currency": "EUR",
    }
)


def microseconds_per_call() -> float:
    text = "Marrowbeg Books & Paper Ltd, invoice 2026-0031 of 14 March 2026: five articles, two of each at 9.90 EUR."
    started = time.perf_counter()
    for _ in range(CALLS):
        extract_invoice(text)
    return (time.perf_counter() - started) / CALLS * 1e6


def main() -> None:
    with engine.scripted({extract_invoice: ANSWER}):
        microseconds_per_call()
        rounds = [microseconds_per_call() for _ in range(ROUNDS)]
    report("call_overhead", {"microseconds_per_call": round(median(rounds), 1), "best": round(min(rounds), 1)})


if __name__ == "__main__":
    main()
