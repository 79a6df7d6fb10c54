"""Writes the seeds and the held-out rows of `sort_message`: messages to a small company, sorted.

    python recipes/data/sort_message.py            writes all files, the same bytes every time
    python recipes/data/sort_message.py --check    exits 1 if a file differs from what would be written
    python recipes/data/sort_message.py --counts   the tables of docs/data/sort_message.md

Situations, wordings and the messages by hand are in messages/; the rules for urgency are in docs/data/sort_message.md.
"""

import json
import re
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from random import Random

from command import command
from messages.by_hand import by_hand
from messages.frames import message
from messages.situations import Situation, situations

TASKS = Path(__file__).resolve().parents[2] / "src/plait/tasks"
FILES = {
    "seeds": TASKS / "seeds/sort_message.jsonl",
    "unseen-sentences": TASKS / "held_out/sort_message.unseen-sentences.jsonl",
    "unseen-templates": TASKS / "held_out/sort_message.unseen-templates.jsonl",
}
LANGUAGES = ("en", "zh")
GENERATED = {"seeds": 80, "unseen-sentences": 260, "unseen-templates": 260}  # of each language
FEW_SHOT = ("billing", "delivery", "returns", "technical", "account", "spam", "sales", "feedback")
SHOWN = 2  # wordings of a situation that seeds use; the others are for unseen-sentences


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
    """Generated rows and rows by hand in one order; the seeds begin with one row of each label."""
    random = Random(f"sort_message, {split}")
    written = [row for language in LANGUAGES for row in generate_rows(split, language, random)]
    written += hand_written(split)
    random.shuffle(written)
    if split != "seeds":
        return written
    first = [one_of(label, LANGUAGES[at % 2], written) for at, label in enumerate(FEW_SHOT)]
    return [*first, *(row for row in written if row not in first)]


def generate_rows(split: str, language: str, random: Random) -> list[Row]:
    """The wordings take turns; no message comes twice."""
    usable = [(each, wording) for each in situations(language) for wording in usable_wordings(each, split)]
    made: dict[str, Row] = {}
    while len(made) < GENERATED[split]:
        random.shuffle(usable)
        for each, wording in usable[: GENERATED[split] - len(made)]:
            row = framed_row(each, wording, split != "seeds", random)
            made.setdefault(essence(row.message), row)
    return list(made.values())


def essence(message: str) -> str:
    """The message without what does not make it another one: case, spaces, stops."""
    return re.sub(r"\W+", "", message).lower()


def usable_wordings(each: Situation, split: str) -> tuple[str, ...]:
    match split:
        case "seeds":
            return () if each.withheld else each.wordings[:SHOWN]
        case "unseen-sentences":
            return () if each.withheld else each.wordings[SHOWN:]
        case _:
            return each.wordings if each.withheld else ()


def framed_row(each: Situation, wording: str, held_out: bool, random: Random) -> Row:
    core, summary = each.fill(wording, random)
    text, urgency, writing = message(core, each, held_out, random)
    template = f"{each.language}.{each.label}.{each.name}"
    return Row(text, each.label, urgency, summary, each.language, False, writing, template)


def hand_written(split: str) -> list[Row]:
    """By hand is by hand: no seed has their wording or their situation, so they stand with the unseen templates."""
    of = {"seeds": "seeds", "unseen-templates": "held-out"}.get(split)
    return [
        Row(each.message, each.label, each.urgency, each.summary, language, True, "by hand", f"{language}.by_hand")
        for language in LANGUAGES
        for each in by_hand(language)
        if each.split == of
    ]


def one_of(label: str, language: str, rows: list[Row]) -> Row:
    return next(row for row in rows if (row.label, row.language) == (label, language) and len(row.message) < 160)


def jsonl(rows: list[Row], held_out: bool) -> bytes:
    return "".join(json.dumps(row.to_json(held_out), ensure_ascii=False) + "\n" for row in rows).encode()


def counts(made: dict[str, list[Row]]) -> str:
    """What the documentation states, counted."""
    return "\n".join(count_row(split, rows) for split, rows in made.items())


def count_row(split: str, rows: list[Row]) -> str:
    urgency, language = Counter(row.urgency for row in rows), Counter(row.language for row in rows)
    labels = Counter(row.label for row in rows)
    cells = [len(rows), *(language[each] for each in LANGUAGES), sum(row.by_hand for row in rows)]
    cells += [urgency[each] for each in ("low", "normal", "high")]
    return f"| {split} | {' | '.join(map(str, cells))} | {' | '.join(str(labels[each]) for each in FEW_SHOT)} |"


def main(arguments: list[str]) -> int:
    made = splits()
    files = {FILES[split]: jsonl(rows, split != "seeds") for split, rows in made.items()}
    return command(arguments, __doc__ or "", files, lambda: counts(made))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
