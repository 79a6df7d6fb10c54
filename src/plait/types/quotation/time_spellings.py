"""Times of day in a text: `09:30`, `9:30 pm`, `9 am`, `14h30`, `9.30 Uhr`, `下午3点半`.

A time with a zone (`09:30Z`) is read without it.
"""

import re
from collections.abc import Iterator
from datetime import time
from functools import lru_cache

from plait.types.quotation.date_spellings import AFTER, BEFORE, han_number, plain_digits, restore
from plait.types.quotation.spelling import Place, Spelling

HALF = r"(?P<half>[ap])\.?\s?m\.?"
CLOCK = (
    re.compile(
        rf"(?:{BEFORE}|(?<=T))(?<![:.,])(?P<h>\d{{1,2}}):(?P<m>\d\d)(?::(?P<s>\d\d))?(?![:\d])(?:\s?{HALF}{AFTER})?",
        re.IGNORECASE,
    ),
    re.compile(rf"{BEFORE}(?<![:.,])(?P<h>\d{{1,2}})(?:\.(?P<m>\d\d))?\s?{HALF}{AFTER}", re.IGNORECASE),
    re.compile(rf"{BEFORE}(?<![:.,])(?P<h>\d{{1,2}})\s?[hH]\s?(?P<m>\d\d){AFTER}"),
    re.compile(rf"{BEFORE}(?<![:.,])(?P<h>\d{{1,2}})(?:[.:](?P<m>\d\d))?\s?Uhr{AFTER}"),
)
HAN = re.compile(
    r"(?P<part>凌晨|早上|上午|中午|下午|傍晚|晚上)?(?P<h>[0-9一二三四五六七八九十两]{1,3})[点时]"
    r"(?:(?P<quarter>[一三])刻|(?P<half>半)|(?P<m>[0-9一二三四五六七八九十〇零]{1,3})分?)?"
)
AFTERNOON = ("下午", "傍晚", "晚上")


@lru_cache(maxsize=64)
def time_spellings(text: str) -> tuple[Spelling, ...]:
    """All readings of all times of a text, in reading order."""
    plain = plain_digits(text)
    spellings = [*clock_times(plain), *han_times(plain)]
    return tuple(sorted(dict.fromkeys(restore(text, each) for each in spellings), key=lambda each: each.places[0]))


def clock_times(text: str) -> Iterator[Spelling]:
    for pattern in CLOCK:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            hour, minute, second = (int(parts.get(name) or 0) for name in "hms")
            half = (parts.get("half") or "").lower()
            if half and not 1 <= hour <= 12:
                continue
            yield from existing_spelling(match, hour % 12 + 12 * (half == "p") if half else hour, minute, second)


def han_times(text: str) -> Iterator[Spelling]:
    for match in HAN.finditer(text):
        hour = han_number(match["h"].replace("两", "二"))
        minute = 30 if match["half"] else han_number(match["quarter"] or "〇") * 15
        if match["m"]:
            minute = han_number(match["m"].lstrip("〇零") or "〇")
        is_late = match["part"] in AFTERNOON and hour < 12
        yield from existing_spelling(match, hour + 12 * is_late, minute, 0)


def existing_spelling(match: re.Match[str], hour: int, minute: int, second: int) -> Iterator[Spelling]:
    """The time, if it exists."""
    if hour < 24 and minute < 60 and second < 60:
        yield Spelling(match[0], time(hour, minute, second), (Place(match.start(), match.end()),))
