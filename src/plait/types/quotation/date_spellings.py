"""Dates in a text, however they are written: `2026-05-06`, `06.05.26`, `3rd of May 2026`, `2026年5月3日`.

With numbers alone, day and month may stand in either order (`03/05/26` has two readings); a year of two digits is one
from 1969 to 2068, as in POSIX. A date without a year takes each year that stands in the same text, and then has two
places. Month names are English, German, French, Spanish and Italian. Not read: relative dates (yesterday), weeks.
"""

import re
import unicodedata
from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from plait.types.quotation.spelling import Place, Spelling

MONTH_NAMES = (
    "january jan januar jänner januari janvier janv enero ene gennaio gen",
    "february feb februar februari février fevrier févr febrero febbraio",
    "march mar märz maerz mrz mars marzo",
    "april apr avril avr abril abr aprile",
    "may mai mayo maggio mag",
    "june jun juni juin junio giugno giu",
    "july jul juli juillet juil julio luglio lug",
    "august aug août aout agosto ago",
    "september sept sep septembre septiembre settembre set",
    "october oct oktober okt octobre octubre ottobre ott",
    "november nov novembre noviembre",
    "december dec dezember dez décembre decembre déc diciembre dic dicembre",
)
MONTHS = {name: number for number, names in enumerate(MONTH_NAMES, 1) for name in names.split()}
MONTH = "|".join(sorted(MONTHS, key=len, reverse=True))
YEAR, DAY, ANY_YEAR = r"[12]\d{3}", r"\d{1,2}", r"[12]\d{3}|['’]?\d{2}"
HAN_DIGITS = {character: str(value) for value, character in enumerate("〇一二三四五六七八九")} | {"零": "0"}

# The characters around a date: no letter, digit or separator; Han characters are words of their own.
BEFORE, AFTER = r"(?<![^\W一-鿿])", r"(?![^\W一-鿿])"
NUMERIC = (
    re.compile(
        rf"{BEFORE}(?<![/.-])(?P<y>{YEAR})(?P<s>[-/.])(?P<m>{DAY})(?P=s)(?P<d>{DAY})(?=T\d|{AFTER}(?![/-]|\.\d))"
    ),
    re.compile(
        rf"{BEFORE}(?<![/.-])(?P<a>{DAY})(?P<s>[-/.])(?P<b>{DAY})(?P=s)(?P<y>{YEAR}|\d{{2}}){AFTER}(?![/-]|\.\d)"
    ),
    re.compile(r"(?<!\d)(?P<y>(?:19|20)\d\d)(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)"),
)
NAMED = (
    re.compile(
        rf"{BEFORE}(?P<d>{DAY})(?:st|nd|rd|th|er|º|\.)?[ -]*(?:of |de |di )?(?P<m>{MONTH})\.?"
        rf"(?:(?:[ ,-]| de | del )*(?P<y>{ANY_YEAR}){AFTER})?{AFTER}",
        re.IGNORECASE,
    ),
    re.compile(
        rf"{BEFORE}(?P<m>{MONTH})\.?[ -]*(?:the )?(?P<d>{DAY})(?:st|nd|rd|th)?(?!\d)"
        rf"(?:[ ,-]*(?P<y>{YEAR}|['’]\d\d){AFTER})?{AFTER}",
        re.IGNORECASE,
    ),
)
HAN = re.compile(
    r"(?:(?P<y>[0-9〇零一二三四五六七八九]{2,4})\s?年\s?)?(?P<m>[0-9一二三四五六七八九十]{1,3})\s?月\s?"
    r"(?P<d>[0-9一二三四五六七八九十]{1,3})\s?[日号]"
)
YEARS = re.compile(r"(?<!\d)(?:19|20)\d\d(?!\d)")
MAX_YEARS = 5  # a date without a year is offered with so many years of the text, the first ones


@lru_cache(maxsize=64)
def date_spellings(text: str) -> tuple[Spelling, ...]:
    """All readings of all dates of a text, in reading order."""
    plain = plain_digits(text)
    spellings = [each for matches in (numeric_dates, named_dates, han_dates) for each in matches(plain)]
    return tuple(sorted(dict.fromkeys(restore(text, each) for each in spellings), key=lambda each: each.places[0]))


def plain_digits(text: str) -> str:
    """The text with digits of any script as 0 to 9, of the same length."""
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(each)) if each.isdecimal() else each for each in text)


def restore(text: str, spelling: Spelling) -> Spelling:
    """The spelling with the characters of the text itself."""
    place = spelling.places[0]
    return Spelling(text[place.start : place.end], spelling.value, spelling.places)


def numeric_dates(text: str) -> Iterator[Spelling]:
    for pattern in NUMERIC:
        for match in pattern.finditer(text):
            parts = match.groupdict()
            if "a" in parts:  # day and month in either order
                orders = [(parts["b"], parts["a"]), (parts["a"], parts["b"])]
            else:
                orders = [(parts["m"], parts["d"])]
            for month, day in dict.fromkeys(orders):
                yield from existing_spelling(match, parts["y"], int(month), int(day))


def named_dates(text: str) -> Iterator[Spelling]:
    for pattern in NAMED:
        for match in pattern.finditer(text):
            month, day = MONTHS[match["m"].lower()], int(match["d"])
            yield from (
                existing_spelling(match, match["y"], month, day) if match["y"] else with_years(text, match, month, day)
            )


def han_dates(text: str) -> Iterator[Spelling]:
    for match in HAN.finditer(text):
        month, day = han_number(match["m"]), han_number(match["d"])
        if match["y"]:
            year = "".join(HAN_DIGITS.get(each, each) for each in match["y"])
            yield from existing_spelling(match, year, month, day)
        else:
            yield from with_years(text, match, month, day)


def existing_spelling(match: re.Match[str], year: str, month: int, day: int) -> Iterator[Spelling]:
    """The date, if it exists."""
    value = existing_date(full_year(year.lstrip("'’")), month, day)
    if value:
        yield Spelling(match[0], value, (Place(match.start(), match.end()),))


def with_years(text: str, match: re.Match[str], month: int, day: int) -> Iterator[Spelling]:
    """The date in each year that stands in the text, the places of both together."""
    place = Place(match.start(), match.end())
    years = {each[0]: Place(each.start(), each.end()) for each in reversed(list(YEARS.finditer(text)))}
    for year in list(reversed(years))[:MAX_YEARS]:
        if value := existing_date(int(year), month, day):
            yield Spelling(match[0], value, (place, years[year]))


def full_year(year: str) -> int:
    """The year of two or four digits; 69 is 1969 and 68 is 2068 (POSIX strptime, %y)."""
    number = int(year)
    return number if len(year) > 2 else number + (1900 if number >= 69 else 2000)


def han_number(text: str) -> int:
    """A number below 100 in Arabic or Chinese digits: 12, 十二, 二十三; 0 if it is none."""
    if text.isdecimal():
        return int(text)
    tens, ten, ones = text.partition("十")
    if not ten:
        return int(HAN_DIGITS.get(text, "0"))
    return int(HAN_DIGITS.get(tens or "一", "0")) * 10 + int(HAN_DIGITS.get(ones or "〇", "0"))


def existing_date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
