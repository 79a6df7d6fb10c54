"""Writes seeds and held-out rows of `sort_message`: messages to a small company with label, urgency and summary.

    python recipes/data/sort_message.py            writes all files, the same bytes every time
    python recipes/data/sort_message.py --check    exits 1 if a file differs from what would be written
    python recipes/data/sort_message.py --counts   the tables of docs/data/sort_message.md
    python recipes/data/sort_message.py --training FILE [ROWS]
                                                   rows to adapt a model with: no wording of the held-out files

Situations, wordings and handwritten messages are in messages/; the rules for urgency are in docs/data/sort_message.md.
"""

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from messages.by_hand import handwritten_messages
from messages.frames import Phrases, frame_message, shipped_phrases
from messages.situations import PRODUCTS, Catalogue, Situation, situations
from messages.training import PHRASES, training_situations
from messages.training import PRODUCTS as TRAINING_PRODUCTS
from recipe_cli import run_recipe, training_request

TASKS = Path(__file__).resolve().parents[2] / "src/plait/tasks"
FILES = {
    "seeds": TASKS / "seeds/sort_message.jsonl",
    "unseen-sentences": TASKS / "held_out/sort_message.unseen-sentences.jsonl",
    "unseen-templates": TASKS / "held_out/sort_message.unseen-templates.jsonl",
}
LANGUAGES = ("en", "zh")
GENERATED = {"seeds": 80, "unseen-sentences": 260, "unseen-templates": 260}  # per language
FEW_SHOT = ("billing", "delivery", "returns", "technical", "account", "spam", "sales", "feedback")
TRAINING_ROWS = 2_400
SEED_WORDINGS = 2  # wordings per situation used in seeds; the others are for unseen-sentences


@dataclass(frozen=True)
class Row:
    message: str
    label: str
    urgency: str
    summary: str
    language: str
    by_hand: bool
    writing: str
    template: str

    def to_json(self, held_out: bool) -> dict:
        answer = {"label": self.label, "urgency": self.urgency, "summary": self.summary}
        row = {"message": self.message, "answer": answer}
        slices = {"language": self.language, "by_hand": self.by_hand, "writing": self.writing}
        return row | slices | {"template": self.template} if held_out else row


def splits() -> dict[str, list[Row]]:
    return {split: rows(split) for split in FILES}


def rows(split: str) -> list[Row]:
    """Generated and handwritten rows, shuffled; the seeds start with one row of each label."""
    random = Random(f"sort_message, {split}")
    all_rows = [row for language in LANGUAGES for row in generate_rows(split, language, random)]
    all_rows += handwritten_rows(split)
    random.shuffle(all_rows)
    if split != "seeds":
        return all_rows
    first = [few_shot_row(label, LANGUAGES[index % 2], all_rows) for index, label in enumerate(FEW_SHOT)]
    return [*first, *(row for row in all_rows if row not in first)]


def generate_rows(split: str, language: str, random: Random) -> list[Row]:
    """Round-robin over the wordings, without duplicate messages."""
    candidates = [
        (situation, wording) for situation in situations(language) for wording in usable_wordings(situation, split)
    ]
    rows_by_key: dict[str, Row] = {}
    while len(rows_by_key) < GENERATED[split]:
        random.shuffle(candidates)
        for situation, wording in candidates[: GENERATED[split] - len(rows_by_key)]:
            row = generate_row(situation, wording, shipped_phrases(language, split != "seeds"), random)
            rows_by_key.setdefault(deduplication_key(row.message), row)
    return list(rows_by_key.values())


def deduplication_key(message: str) -> str:
    """The message without case, spaces and punctuation."""
    return re.sub(r"\W+", "", message).lower()


def usable_wordings(situation: Situation, split: str) -> tuple[str, ...]:
    match split:
        case "seeds":
            return () if situation.is_withheld else situation.wordings[:SEED_WORDINGS]
        case "unseen-sentences":
            return () if situation.is_withheld else situation.wordings[SEED_WORDINGS:]
        case _:
            return situation.wordings if situation.is_withheld else ()


def generate_row(
    situation: Situation, wording: str, phrases: Phrases, random: Random, catalogue: Catalogue = PRODUCTS
) -> Row:
    core, summary = situation.fill(wording, random, catalogue)
    text, urgency, writing = frame_message(core, situation, phrases, random)
    template = f"{situation.language}.{situation.label}.{situation.name}"
    return Row(text, situation.label, urgency, summary, situation.language, False, writing, template)


def training_rows(count: int) -> list[Row]:
    """Rows of both languages, labels in equal shares; no message of seeds and held-out files and none twice."""
    random = Random("sort_message, training")
    known = {deduplication_key(row.message) for each in splits().values() for row in each}
    turns = [(language, label) for language in LANGUAGES for label in FEW_SHOT]
    candidates = {
        turn: [(each, wording) for each in training_situations(turn[0], SEED_WORDINGS) for wording in each.wordings
               if each.label == turn[1]]
        for turn in turns
    }  # fmt: skip
    found: list[Row] = []
    while len(found) < count:
        language, _ = turn = turns[len(found) % len(turns)]
        row = generate_row(*random.choice(candidates[turn]), PHRASES[language], random, TRAINING_PRODUCTS)
        if (key := deduplication_key(row.message)) not in known:
            known.add(key)
            found.append(row)
    random.shuffle(found)
    return found


def handwritten_rows(split: str) -> list[Row]:
    """Handwritten rows of a split; the held-out ones belong to unseen-templates, as no seed has their situation."""
    messages_split = {"seeds": "seeds", "unseen-templates": "held-out"}.get(split)
    return [
        Row(
            situation.message,
            situation.label,
            situation.urgency,
            situation.summary,
            language,
            True,
            "by hand",
            f"{language}.by_hand",
        )
        for language in LANGUAGES
        for situation in handwritten_messages(language)
        if situation.split == messages_split
    ]


def few_shot_row(label: str, language: str, rows: list[Row]) -> Row:
    return next(row for row in rows if (row.label, row.language) == (label, language) and len(row.message) < 160)


def jsonl(rows: list[Row], held_out: bool) -> bytes:
    return "".join(json.dumps(row.to_json(held_out), ensure_ascii=False) + "\n" for row in rows).encode()


def counts(rows_by_split: dict[str, list[Row]]) -> str:
    """Table of the documentation."""
    return "\n".join(count_row(split, rows) for split, rows in rows_by_split.items())


def count_row(split: str, rows: list[Row]) -> str:
    urgency, language = Counter(row.urgency for row in rows), Counter(row.language for row in rows)
    labels = Counter(row.label for row in rows)
    cells = [len(rows), *(language[each] for each in LANGUAGES), sum(row.by_hand for row in rows)]
    cells += [urgency[each] for each in ("low", "normal", "high")]
    return f"| {split} | {' | '.join(map(str, cells))} | {' | '.join(str(labels[each]) for each in FEW_SHOT)} |"


def main(arguments: list[str]) -> int:
    if request := training_request(arguments):
        request.path.write_bytes(jsonl(training_rows(request.rows or TRAINING_ROWS), held_out=False))
        return 0
    rows_by_split = splits()
    files = {FILES[split]: jsonl(rows, split != "seeds") for split, rows in rows_by_split.items()}
    return run_recipe(arguments, __doc__ or "", files, lambda: counts(rows_by_split))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
