"""What a scanner does to a page: lookalike letters, stray marks, lost and doubled spaces.

Figures, dates, currencies and the house's name stay as they are. One name of a good in two may get a slip that
anybody repairs in their head ("Enarnel mug"); its answer is the clean name.
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
STRAY = ("'", ".", "|", "·", "~", ",,")


def scanned(text: str, bill: Bill, rng: Random) -> str:
    """The same page through a bad scanner."""
    wanted = [bill.seller.name, bill.number, *(item.what for item in bill.items), *PROTECTED]
    lines = [_line(line, wanted, rng) for line in text.splitlines()]
    if rng.random() < 0.5:
        what = rng.choice(bill.items).what
        lines = [line.replace(what, _slip(what, rng)) for line in lines]
    return "\n".join(lines)


# Words that make a date or a currency; the rest of a label is guessed from its neighbours by any reader.
PROTECTED = [month for language in ("en", "de") for month in MONTHS[language] if month != "Mai"]


def _line(line: str, wanted: list[str], rng: Random) -> str:
    if not any(name in line for name in wanted) and rng.random() < 0.4:
        line = LABELS.sub(lambda word: _slip(word[0], rng), line, count=1)
    if line.strip() and rng.random() < 0.12:
        line = line.replace("  ", " ", 1) if rng.random() < 0.5 else " " * rng.randint(1, 5) + line
    return f"{line} {rng.choice(STRAY)}" if rng.random() < 0.1 and not line[-1:].isdigit() else line


def _slip(word: str, rng: Random) -> str:
    """The word with one lookalike, where it has a sign that has one."""
    possible = [pair for pair in LOOKALIKES if pair[0] in word[1:]]
    if not possible:
        return word
    sign, alike = rng.choice(possible)
    return word[0] + word[1:].replace(sign, alike, 1)
