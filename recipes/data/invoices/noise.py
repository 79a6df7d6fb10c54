"""Simulated scan errors: lookalike letters, stray marks, lost and added spaces.

Numbers, dates, currencies and the seller's name are unchanged. In every second scan, one product name may have an error
that a reader can correct ("Enarnel mug"); the answer contains the correct name.
"""

import re
from random import Random

from invoices.bill import Bill
from invoices.notation import MONTHS

LOOKALIKES = (
    ("m", "rn"),
    ("I", "l"),
    ("o", "0"),
    ("l", "1"),
    ("cl", "d"),
    ("i", "í"),
    ("号", "号."),
    ("额", "頟"),
    ("单", "単"),
    ("合", "台"),
)
LABELS = re.compile(r"[A-Za-z]{5,}|[一-鿿]{2,}")
STRAY_MARKS = ("'", ".", "|", "·", "~", ",,")


def add_scan_noise(text: str, bill: Bill, rng: Random) -> str:
    """The text with simulated scan errors."""
    protected = [bill.seller.name, bill.number, *(item.what for item in bill.items), *PROTECTED]
    lines = [_add_line_noise(line, protected, rng) for line in text.splitlines()]
    if rng.random() < 0.5:
        what = rng.choice(bill.items).what
        lines = [line.replace(what, _replace_letter(what, rng)) for line in lines]
    return "\n".join(lines)


# Month names, which are part of dates; a reader can guess other damaged words from the context.
PROTECTED = [month for language in ("en", "de") for month in MONTHS[language] if month != "Mai"]


def _add_line_noise(line: str, protected: list[str], rng: Random) -> str:
    if not any(name in line for name in protected) and rng.random() < 0.4:
        line = LABELS.sub(lambda word: _replace_letter(word[0], rng), line, count=1)
    if line.strip() and rng.random() < 0.12:
        line = line.replace("  ", " ", 1) if rng.random() < 0.5 else " " * rng.randint(1, 5) + line
    return f"{line} {rng.choice(STRAY_MARKS)}" if rng.random() < 0.1 and not line[-1:].isdigit() else line


def _replace_letter(word: str, rng: Random) -> str:
    """The word with one letter replaced by a lookalike, if any letter has one."""
    possible = [pair for pair in LOOKALIKES if pair[0] in word[1:]]
    if not possible:
        return word
    letter, lookalike = rng.choice(possible)
    return word[0] + word[1:].replace(letter, lookalike, 1)
