"""Verification of an answer by its certificate: CPU time of `plait.verify` on invoices that it has not seen before.

The answers are the right ones of the held-out rows of extract_invoice, certified by the scripted engine. Budget: 1 ms.

python -m benchmarks.verification
"""

import json
import time
from pathlib import Path
from typing import Any

from benchmarks.measure import median, report
from plait import engine, verify
from plait.core.engine.certificate import certificate_json
from plait.core.errors import InvalidAnswer
from plait.core.values.call_context import call_context
from plait.core.values.span import input_texts
from plait.tasks.extract_invoice import Invoice, extract_invoice

ROWS = Path(__file__).parent.parent / "src/plait/tasks/held_out/extract_invoice.jsonl"
ROUNDS = 5


def certified(row: dict[str, Any]) -> dict[str, Any] | None:
    """The right answer of a row as HTTP writes it; None for a row whose values cannot be quoted."""
    with engine.scripted({extract_invoice: Invoice.model_validate(row["answer"])}):
        try:
            detailed = extract_invoice.detailed(row["text"])
        except InvalidAnswer:
            return None
    context = call_context(extract_invoice.declaration, {"text": row["text"]}).json_context
    answer = extract_invoice.declaration.answer.encode(detailed.value, context)
    written = {"answer": answer, "certificate": certificate_json(detailed.certificate)}
    return json.loads(json.dumps(written, ensure_ascii=False))


def milliseconds(answer: dict[str, Any], text: str) -> float:
    input_texts.cache_clear()
    started = time.process_time()
    verify(answer, {"text": text})
    return (time.process_time() - started) * 1e3


def main() -> None:
    rows = [json.loads(line) for line in ROWS.read_text().splitlines()]
    answers = [(answer, row["text"]) for row in rows if (answer := certified(row)) is not None]
    timings = [median([milliseconds(*each) for _ in range(ROUNDS)]) for each in answers]
    words = [len(text.split()) for _, text in answers]
    figures = {"answers": len(answers), "not_quotable": len(rows) - len(answers), "median_words": median(words)}
    slow = sorted(timings)[-len(timings) // 20]
    report("verification", {**figures, "median_ms": round(median(timings), 3), "p95_ms": round(slow, 3)})


if __name__ == "__main__":
    main()
