"""Numbers in a text, however they are written: `1.234,56`, `1,234.56`, `1 234.56`, `1'234.50`, `¥1,200`, `−3`.

A separator before exactly three digits may group thousands or begin the decimals: `1.234` has two readings, 1234 and
1.234. Digits of any script count (`unicodedata.decimal`). Not read: words and Chinese numerals for numbers (twelve,
十二), fractions, exponents, and digits inside a word (`A4`, `QM5-0212` has the number 0212 only).
"""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache

from plait.types.quotation.spelling import Place, Spelling
from plait.types.quotation.words import is_han

GROUPS = "\u00a0\u202f\u2009,.'\u2019"  # no-break and thin spaces; a plain space has a rule of its own below
MINUS = "-−"
# A run of digits with single separators between them, a space only before a group of three; or a decimal such as `.5`.
RUN = re.compile(rf"\d+(?:[{GROUPS}]\d+| \d{{3}}(?!\d))*|(?<![\w.])\.\d+")
# Currencies and multipliers that stand right before a number: EUR9.00, x2.
PREFIX = re.compile(r"(?:EUR|USD|GBP|CNY|RMB|CHF|JPY|US|Rs|[x×])$")
MAX_DIGITS = 30


@lru_cache(maxsize=64)
def number_spellings(text: str) -> tuple[Spelling, ...]:
    """All readings of all numbers of a text, in reading order."""
    return tuple(each for match in RUN.finditer(text) for each in run_spellings(text, match.start(), match.end()))


def run_spellings(text: str, start: int, end: int) -> Iterator[Spelling]:
    """The readings of a run of digits: as one number, else its parts at the separators that cannot belong to one."""
    run = text[start:end]
    if not stands_alone(text, start, end):
        return
    readings = number_readings(run)
    sign = sign_length(text, start) if readings else 0
    for value in readings:
        yield Spelling(text[start - sign : end], -value if sign else value, (Place(start - sign, end),))
    if not readings or " " in run:
        for part in re.finditer(r"[^ ]+" if " " in run else r"\d+", run):
            yield from part_spellings(text, start + part.start(), start + part.end(), is_whole=len(part[0]) == len(run))


def part_spellings(text: str, start: int, end: int, *, is_whole: bool) -> Iterator[Spelling]:
    """The readings of one part of a run; a part without a reading (`1.2.3`) is read as its runs of digits."""
    if is_whole:
        return
    readings = number_readings(text[start:end])
    for value in readings:
        yield Spelling(text[start:end], value, (Place(start, end),))
    if not readings:
        for digits in re.finditer(r"\d+", text[start:end]):
            value = number_readings(digits[0])[0]
            yield Spelling(digits[0], value, (Place(start + digits.start(), start + digits.end()),))


def stands_alone(text: str, start: int, end: int) -> bool:
    """Whether the digits are no part of a word such as A4; a unit behind them is allowed (120g), a currency before."""
    before = text[start - 1 : start]
    return not is_letter(before) or bool(PREFIX.search(text[max(0, start - 4) : start]))


def is_letter(character: str) -> bool:
    """Whether it is a letter of an alphabet; Han characters are words of their own."""
    return (character.isalpha() and not is_han(character)) or character == "_"


def sign_length(text: str, start: int) -> int:
    """1 if a minus sign stands right before the number, and is no hyphen or range: `-3`, but not `5-3` or `A-3`."""
    is_minus = text[start - 1 : start] in tuple(MINUS)
    return int(is_minus and not text[max(0, start - 2) : start - 1].isalnum())


@lru_cache(maxsize=4096)
def number_readings(run: str) -> tuple[Decimal, ...]:
    """The values that digits with separators may have; () if the separators fit no number."""
    plain = "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in run)
    if sum(map(str.isdecimal, plain)) > MAX_DIGITS:
        return ()
    separators = re.sub(r"\d", "", plain)
    if not separators:
        return (Decimal(plain),)
    last = separators[-1]
    readings: list[Decimal] = []
    if is_grouped(plain, last) and len(set(separators)) == 1:
        readings.append(Decimal(digits_of(plain)))
    whole, decimals = plain.rsplit(last, 1)
    if last in ".," and is_whole_part(whole, last):
        readings.append(Decimal(f"{digits_of(whole) or '0'}.{decimals}"))
    return tuple(dict.fromkeys(readings))


def digits_of(text: str) -> str:
    return re.sub(r"\D", "", text)


def is_grouped(digits: str, separator: str) -> bool:
    """Whether the separator groups thousands: 1,234,567, or lakhs: 1,23,456. A first group never begins with 0."""
    first, *groups = digits.split(separator)
    western = 1 <= len(first) <= 3 and all(len(each) == 3 for each in groups)
    indian = (
        separator == "," and 1 <= len(first) <= 2 and len(groups[-1]) == 3 and all(len(g) == 2 for g in groups[:-1])
    )
    return (western or indian) and not first.startswith("0")


def is_whole_part(whole: str, decimal_sign: str) -> bool:
    """Whether the text before the decimal sign is a whole number: plain, or grouped by one other separator."""
    separators = set(re.sub(r"\d", "", whole))
    if not separators:
        return True
    return len(separators) == 1 and decimal_sign not in separators and is_grouped(whole, separators.pop())
