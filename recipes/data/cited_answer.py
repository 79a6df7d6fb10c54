"""Writes the seeds and the held-out rows of `cited_answer`: questions, passages, and sentences that cite them.

    python recipes/data/cited_answer.py            writes both files, the same bytes every time
    python recipes/data/cited_answer.py --check    exits 1 if the files differ from what would be written
    python recipes/data/cited_answer.py --counts   the table of docs/data/cited_answer.md

Passages, questions and answers are written by hand in passages/; the recipe chooses what stands beside them.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from random import Random

from command import command
from passages.families import Family, families
from passages.rows import Row, Writer

TASKS = Path(__file__).resolve().parents[2] / "src/plait/tasks"
FILES = {"seeds": TASKS / "seeds/cited_answer.jsonl", "held-out": TASKS / "held_out/cited_answer.jsonl"}
ROWS = {"seeds": 60, "held-out": 300}  # of each language

# Topics that only seeds ask about: no passage of a held-out row is in the seeds.
SEEN = {
    "en": ("ferries", "kettles", "staff leave", "libraries"),
    "zh": ("渡轮", "电饭煲", "员工假期", "图书馆"),
}
# The seeds double as few-shot examples, taken from the top: both languages, every kind.
FIRST = ("one passage", "passage missing", "two passages", "reworded")


def splits() -> dict[str, list[Row]]:
    return {split: rows(split) for split in FILES}


def rows(split: str) -> list[Row]:
    random = Random(f"cited_answer, {split}")
    written = [row for language in SEEN for row in Writer(language, of(split, language), random).rows(ROWS[split])]
    random.shuffle(written)
    return (
        written if split == "held-out" else [*(first := short(written)), *(row for row in written if row not in first)]
    )


def of(split: str, language: str) -> list[Family]:
    return [family for family in families(language) if (family.topic in SEEN[language]) is (split == "seeds")]


def short(rows: list[Row]) -> list[Row]:
    """For each kind, one row in English and one in Chinese, of three or four passages."""
    wanted = [(kind, language) for kind in FIRST for language in SEEN]
    return [next(row for row in rows if (row.kind, row.language) == each and len(row.passages) < 5) for each in wanted]


def jsonl(rows: list[Row], held_out: bool) -> bytes:
    return "".join(json.dumps(row.to_json(held_out), ensure_ascii=False) + "\n" for row in rows).encode()


def counts(made: dict[str, list[Row]]) -> str:
    """What the documentation states, counted: rows by kind in the order of the alphabet, passages."""
    return "\n".join(
        f"| {split} | {language} | {len(own)} | {' | '.join(str(n) for n in kinds.values())} | {len(asked)} |"
        for split, rows in made.items()
        for language in SEEN
        if (own := [row for row in rows if row.language == language])
        and (kinds := dict(sorted(Counter(row.kind for row in own).items())))
        and (asked := {passage for row in own for passage in row.passages})
    )


def main(arguments: list[str]) -> int:
    made = splits()
    files = {FILES[split]: jsonl(rows, split == "held-out") for split, rows in made.items()}
    return command(arguments, __doc__ or "", files, lambda: counts(made))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
