"""How many invoices end in a list that never ends, without and with the penalty on repetition, and the fields' scores.

python -m benchmarks.repetition [ROWS]
"""

import json
import random
import sys

import plait.service.engines.llamacpp.engine as llama
from benchmarks.measure import report
from plait.core.errors import AnswerTooLong
from plait.core.kinds import Beside, metric_of
from plait.tasks.extract_invoice import extract_invoice

TASK = extract_invoice


def rows(count: int) -> list[dict[str, object]]:
    file = TASK.examples.seeds_file.parent.parent / "held_out" / "extract_invoice.jsonl"
    lines = file.read_text("utf-8").splitlines()
    return [json.loads(line) for line in random.Random(3).sample(lines, count)]


def measured(chosen: list[dict[str, object]]) -> dict[str, float]:
    answer = TASK.declaration.answer
    endless, scores = 0, []
    for row in chosen:
        try:
            prediction = TASK(str(row["text"]))
        except AnswerTooLong:
            endless += 1
        else:
            scores.append(metric_of(answer, prediction, answer.decode(row["answer"], Beside())))  # type: ignore[arg-type]
    return {"endless": endless, "rows": len(chosen), "mean_score_over_all_rows": round(sum(scores) / len(chosen), 3)}


def main() -> None:
    chosen = rows(int(sys.argv[1]) if len(sys.argv) > 1 else 12)
    penalty = dict(llama.REPEATING)
    figures = {"with_penalty": measured(chosen)}
    llama.REPEATING.clear()
    figures["without"] = measured(chosen)
    report("repetition", {**figures, "penalty": penalty})


if __name__ == "__main__":
    main()
