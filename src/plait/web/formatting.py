"""Formats numbers, dates, bounds and names for people."""

import re
from datetime import date, time
from decimal import Decimal
from enum import Enum

from plait.web.display_names import MAX_NAME_CHARACTERS
from plait.web.texts import PageStrings

DATETIME = re.compile(r"(?P<year>\d{4})-(?P<month>\d\d)-(?P<day>\d\d)(?:T(?P<time>.+))?", re.ASCII)


def label(name: str) -> str:
    """A name of the code as a label: `unit_price` becomes "Unit price"."""
    spaced = name.replace("_", " ").strip()
    return spaced[:1].upper() + spaced[1:]


def format_number(number: object) -> str:
    """A number without redundant digits: 5 for 5.0."""
    text = format(number, "f") if isinstance(number, Decimal) else repr(number)
    return text.removesuffix(".0")


def format_datetime(strings: PageStrings, iso_text: str) -> str:
    """A date, a time or both in the format of the language; invalid or partial text unchanged."""
    match = DATETIME.fullmatch(iso_text)
    if not match or not 1 <= int(match["month"]) <= 12:
        return iso_text
    month = strings.months[int(match["month"]) - 1]
    day = strings.date.format(day=int(match["day"]), month=month, year=int(match["year"]))
    return f"{day}, {match['time']}" if match["time"] else day


def bounds_text(
    strings: PageStrings, quantity: str, low: object, high: object, above: bool = False, below: bool = False
) -> str:
    """The bounds of a count, length or number, in words; `above` and `below` mark exclusive bounds."""
    if low is not None and high is not None and not above and not below:
        return getattr(strings, f"{quantity}_between").format(low=format_number(low), high=format_number(high))
    least = strings.more_than if above else getattr(strings, f"{quantity}_least")
    most = strings.less_than if below else getattr(strings, f"{quantity}_most")
    bounds = [] if low is None else [least.format(low=format_number(low))]
    return ", ".join(bounds if high is None else [*bounds, most.format(high=format_number(high))])


def default_text(strings: PageStrings, default: object) -> str:
    """A default as text; "" if there is none, or if it is too complex."""
    match default:
        case bool():
            return strings.yes if default else strings.no
        case int() | float():
            return format_number(default)
        case str() | date() | time() | Enum():
            text = str(default.value if isinstance(default, Enum) else default)
            return text if len(text) <= MAX_NAME_CHARACTERS else ""
        case _:
            return ""
