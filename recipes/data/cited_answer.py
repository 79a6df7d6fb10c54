"""Writes seeds and held-out rows of `cited_answer`: questions, passages, and answer sentences with citations.

    python recipes/data/cited_answer.py            writes both files, the same bytes every time
    python recipes/data/cited_answer.py --check    exits 1 if the files differ from what would be written
    python recipes/data/cited_answer.py --counts   the table of docs/data/cited_answer.md
    python recipes/data/cited_answer.py --training FILE [ROWS]
                                                   rows to adapt a model with: no topic of the held-out rows

Passages, questions and answers are handwritten, in passages/; the recipe selects the distractor passages.
"""

import json
import sys
from collections import Counter
from pathlib import Path
from random import Random

from passages.families import Family, families
from passages.rows import Row, RowGenerator
from passages.training import training_families
from recipe_cli import run_recipe, training_request

TASKS = Path(__file__).resolve().parents[2] / "src/plait/tasks"
FILES = {"seeds": TASKS / "seeds/cited_answer.jsonl", "held-out": TASKS / "held_out/cited_answer.jsonl"}
ROWS_PER_LANGUAGE = {"seeds": 60, "held-out": 300}  # per language

TRAINING_ROWS = 1_600
ROWS_PER_ROUND = 100  # of one family of each topic; a subject has one passage in them

# Topics used only in seeds, so that no passage of a held-out row is in the seeds.
SEED_TOPICS = {
    "en": ("ferries", "kettles", "staff leave", "libraries"),
    "zh": ("渡轮", "电饭煲", "员工假期", "图书馆"),
}
# The first seeds also serve as few-shot examples: each of these kinds in both languages.
FEW_SHOT_KINDS = ("one passage", "passage missing", "two passages", "reworded")


def splits() -> dict[str, list[Row]]:
    return {split: rows(split) for split in FILES}


def rows(split: str) -> list[Row]:
    random = Random(f"cited_answer, {split}")
    all_rows = [
        row
        for language in SEED_TOPICS
        for row in RowGenerator(language, families_of(split, language), random).rows(ROWS_PER_LANGUAGE[split])
    ]
    random.shuffle(all_rows)
    return (
        all_rows
        if split == "held-out"
        else [*(first := few_shot_rows(all_rows)), *(row for row in all_rows if row not in first)]
    )


def training_rows(count: int) -> list[Row]:
    """Rows of topics of their own and of the seeds' topics, half of them in each language."""
    random = Random("cited_answer, training")
    all_rows = [row for language in SEED_TOPICS for row in rows_of_language(language, count // 2, random)]
    random.shuffle(all_rows)
    return all_rows


def rows_of_language(language: str, count: int, random: Random) -> list[Row]:
    found: list[Row] = []
    while len(found) < count:
        known = [*training_families(language, random), *families_of("seeds", language)]
        found += RowGenerator(language, known, random).rows(ROWS_PER_ROUND)
    return found[:count]


def families_of(split: str, language: str) -> list[Family]:
    return [family for family in families(language) if (family.topic in SEED_TOPICS[language]) is (split == "seeds")]


def few_shot_rows(rows: list[Row]) -> list[Row]:
    """One English and one Chinese row of each kind, with three or four passages."""
    wanted = [(kind, language) for kind in FEW_SHOT_KINDS for language in SEED_TOPICS]
    return [next(row for row in rows if (row.kind, row.language) == each and len(row.passages) < 5) for each in wanted]


def jsonl(rows: list[Row], held_out: bool) -> bytes:
    return "".join(json.dumps(row.to_json(held_out), ensure_ascii=False) + "\n" for row in rows).encode()


def counts(rows_by_split: dict[str, list[Row]]) -> str:
    """Table of the documentation: rows, rows by kind in alphabetical order, number of distinct passages."""
    return "\n".join(
        f"| {split} | {language} | {len(subset)} | {' | '.join(str(n) for n in kinds.values())} | {len(passages)} |"
        for split, rows in rows_by_split.items()
        for language in SEED_TOPICS
        if (subset := [row for row in rows if row.language == language])
        and (kinds := dict(sorted(Counter(row.kind for row in subset).items())))
        and (passages := {passage for row in subset for passage in row.passages})
    )


def main(arguments: list[str]) -> int:
    if request := training_request(arguments):
        request.path.write_bytes(jsonl(training_rows(request.rows or TRAINING_ROWS), held_out=False))
        return 0
    rows_by_split = splits()
    files = {FILES[split]: jsonl(rows, split == "held-out") for split, rows in rows_by_split.items()}
    return run_recipe(arguments, __doc__ or "", files, lambda: counts(rows_by_split))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
