"""Writes seeds and held-out rows of `extract_invoice`: invoice texts with the extracted values.

    python recipes/data/extract_invoice.py            writes both files, the same bytes every time
    python recipes/data/extract_invoice.py --check    exits 1 if the files differ from what would be written
    python recipes/data/extract_invoice.py --training FILE [ROWS]
                                                      rows to adapt a model with: no layout, seller or product of these

Seeds and some held-out rows are handwritten; the layouts in invoices/ generate the others. Origin, statistics and
known weaknesses: docs/data/extract_invoice.md.
"""

import json
import sys
from itertools import cycle, islice
from pathlib import Path
from random import Random

from decontamination import Decontamination
from invoices.by_hand import SEEDS
from invoices.by_hand_held_out import HELD_OUT
from invoices.rows import LAYOUTS, generate_row
from invoices.training.rows import training_rows
from recipe_cli import run_recipe, training_request

TASKS = Path(__file__).resolve().parents[2] / "src/plait/tasks"
ROWS = 500
TRAINING_ROWS = 1_380  # 0.6 M tokens
SCANNED_EVERY = 14  # coprime to the number of layouts (39), so that scans rotate through all layouts


def main(arguments: list[str]) -> int:
    if request := training_request(arguments):
        request.path.write_bytes(jsonl(list(training_rows(request.rows or TRAINING_ROWS, decontamination()))))
        return 0
    files = {
        TASKS / "seeds/extract_invoice.jsonl": jsonl(seeds()),
        TASKS / "held_out/extract_invoice.jsonl": jsonl(held_out()),
    }
    return run_recipe(arguments, __doc__, files)


def seeds() -> list[dict]:
    return [{"text": row["text"], "answer": row["answer"]} for row in SEEDS]


def held_out() -> list[dict]:
    """Handwritten rows, then generated rows with the layouts in rotation."""
    rng = Random("extract_invoice, held out")
    layout_turns = enumerate(islice(cycle(LAYOUTS), ROWS - len(HELD_OUT)))
    generated = (generate_row(layout, index % SCANNED_EVERY == 7, rng) for index, layout in layout_turns)
    return [
        *(with_slices(row, by_hand=True) for row in HELD_OUT),
        *(with_slices(row, by_hand=False) for row in generated),
    ]


def decontamination() -> Decontamination:
    """What training rows may not contain: layouts, sellers and products of seeds and held-out rows."""
    return Decontamination.of([*seeds(), *held_out()], lambda row: row["text"], names)


def names(row: dict) -> list[str]:
    """Names that training rows may not share with held-out rows. The number is blanked with them."""
    answer = row["answer"]
    return [each for each in (answer["seller"], answer["number"]) if each] + [line["what"] for line in answer["lines"]]


def with_slices(row: dict, by_hand: bool) -> dict:
    """The row with the slice columns of the evaluation: language, layout, currency, by_hand."""
    return row | {"currency": row["answer"]["currency"], "by_hand": by_hand}


def jsonl(rows: list[dict]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
