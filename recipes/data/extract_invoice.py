"""Writes the seeds and the held-out rows of `extract_invoice`: texts, and what a careful person reads in them.

    python recipes/data/extract_invoice.py            writes both files, the same bytes every time
    python recipes/data/extract_invoice.py --check    exits 1 if the files differ from what would be written

The seeds and some held-out rows are written by hand, the other rows by the layouts in invoices/. How it was
made, what it counts and where it is weak: docs/data/extract_invoice.md.
"""

import argparse
import json
import sys
from itertools import cycle, islice
from pathlib import Path
from random import Random

from invoices.by_hand import SEEDS
from invoices.by_hand_held_out import HELD_OUT
from invoices.draw import LAYOUTS, row

TASKS = Path(__file__).resolve().parents[2] / "src/plait/tasks"
ROWS = 500
SCANNED_EVERY = 14  # shares no factor with the 39 layouts, so the bad scanner visits one layout after another


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a file would change")
    check = parser.parse_args().check
    files = {TASKS / "seeds/extract_invoice.jsonl": seeds(), TASKS / "held_out/extract_invoice.jsonl": held_out()}
    stale = [path for path, rows in files.items() if not path.exists() or path.read_bytes() != jsonl(rows)]
    for path in stale:
        print(f"{path}: {'differs from what the recipe writes' if check else 'written'}")
        if not check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(jsonl(files[path]))
    return 1 if check and stale else 0


def seeds() -> list[dict]:
    return [{"text": row["text"], "answer": row["answer"]} for row in SEEDS]


def held_out() -> list[dict]:
    """The rows by hand, then each layout in turn."""
    rng = Random("extract_invoice, held out")
    turns = enumerate(islice(cycle(LAYOUTS), ROWS - len(HELD_OUT)))
    drawn = (row(layout, turn % SCANNED_EVERY == 7, rng) for turn, layout in turns)
    return [*(sliced(row, by_hand=True) for row in HELD_OUT), *(sliced(row, by_hand=False) for row in drawn)]


def sliced(row: dict, by_hand: bool) -> dict:
    """The row with all that scores are told apart by: language, layout, currency, and whether a person wrote it."""
    return row | {"currency": row["answer"]["currency"], "by_hand": by_hand}


def jsonl(rows: list[dict]) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows).encode()


if __name__ == "__main__":
    sys.exit(main())
