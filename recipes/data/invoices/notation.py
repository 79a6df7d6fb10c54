"""Notation of money, numbers and dates by region; one `LocaleFormat` per invoice keeps its text consistent."""

from datetime import date
from decimal import Decimal
from random import Random
from typing import NamedTuple

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    "zh": [str(month) for month in range(1, 13)],
}

# Currency, money patterns, and separators: the decimal one, then the thousands one (none: no grouping).
MONEY = {
    "us": ("USD", ("${}", "${}", "${}", "USD {}", "US${}"), (".,", ".,", ".")),
    "uk": ("GBP", ("£{}", "£{}", "£{}", "GBP {}", "{} GBP"), (".,", ".,", ".")),
    "ie": ("EUR", ("€{}", "€{}", "EUR {}", "{} EUR"), (".,", ".,", ".")),
    "nl": ("EUR", ("€ {}", "€ {}", "EUR {}"), (",.", ",.", ",")),
    "de": ("EUR", ("{} €", "{} €", "{} EUR", "€ {}", "EUR {}"), (",.", ",.", ",")),
    "cn": ("CNY", ("￥{}", "¥{}", "{}元", "{} 元", "RMB {}", "¥ {}"), (".,", ".", ".")),
    "cn-en": ("CNY", ("RMB {}", "CNY {}", "¥{}", "{} RMB"), (".,", ".,", ".")),
    "cn-usd": ("USD", ("US${}", "USD {}", "${}", "{}美元"), (".,", ".,")),
    "cn-eur": ("EUR", ("€{}", "EUR {}", "{}欧元"), (".,", ".,")),
    "cn-gbp": ("GBP", ("£{}", "GBP {}", "{}英镑"), (".,", ".,")),
}
CHINESE_DATES = ("{y}年{m}月{d}日", "{y}年{mm}月{dd}日", "{y}-{mm}-{dd}", "{y}/{mm}/{dd}", "{y}.{mm}.{dd}")
DATES = {
    "us": (
        "{month} {d}, {y}",
        "{month} {d}, {y}",
        "{mon} {d}, {y}",
        "{mm}/{dd}/{y}",
        "{mm}/{dd}/{yy}",
        "{y}-{mm}-{dd}",
    ),
    "uk": ("{d} {month} {y}", "{d} {mon} {y}", "{dd}/{mm}/{y}", "{d}{th} {month} {y}", "{dd}-{mon}-{yy}"),
    "ie": ("{d} {month} {y}", "{dd}/{mm}/{y}", "{d} {mon} {y}", "{y}-{mm}-{dd}"),
    "nl": ("{d} {month} {y}", "{dd}-{mm}-{y}", "{d} {mon} {y}"),
    "de": ("{dd}.{mm}.{y}", "{dd}.{mm}.{y}", "{d}. {month} {y}", "{dd}.{mm}.{yy}", "{d}.{m}.{y}"),
    "cn": CHINESE_DATES,
    "cn-en": ("{y}-{mm}-{dd}", "{d} {mon} {y}", "{mon} {d}, {y}", "{y}/{mm}/{dd}"),
    "cn-usd": CHINESE_DATES,
    "cn-eur": CHINESE_DATES,
    "cn-gbp": CHINESE_DATES,
}
# 03/04/26 has two meanings, depending on the country: these patterns are used only for days after the twelfth.
AMBIGUOUS = ("{mm}/{dd}/{y}", "{mm}/{dd}/{yy}", "{dd}/{mm}/{y}", "{dd}-{mm}-{y}")


class LocaleFormat(NamedTuple):
    """Formats amounts, quantities and dates of one invoice."""

    currency: str
    pattern: str
    separators: str
    dates: str
    language: str

    def money(self, amount: Decimal) -> str:
        """The amount with currency: '1.234,50 €'."""
        return self.pattern.format(self.amount(amount))

    def amount(self, amount: Decimal) -> str:
        """The amount without currency, with at least two decimals: '1.234,50'; more for prices per kWh."""
        return self._with_separators(amount, places=max(2, -amount.normalize().as_tuple().exponent))

    def quantity(self, quantity: Decimal) -> str:
        """The quantity without trailing zeros: '2', '12,5', '0,482'."""
        return self._with_separators(quantity, places=max(0, -quantity.normalize().as_tuple().exponent))

    def day(self, day: date) -> str:
        return format_day(day, self.dates, self.language)

    def _with_separators(self, amount: Decimal, places: int) -> str:
        decimal, group = self.separators[0], self.separators[1:]
        return f"{amount:,.{places}f}".translate({ord(","): group, ord("."): decimal})


def sample_format(region: str, language: str, issued: date, numeric_months: bool, rng: Random) -> LocaleFormat:
    """A random format of the region with an unambiguous issue date; `numeric_months` avoids month names if possible."""
    currency, patterns, separators = MONEY[region]
    unambiguous = [dates for dates in DATES[region] if issued.day > 12 or dates not in AMBIGUOUS]
    if numeric_months:
        unambiguous = [dates for dates in unambiguous if "{month}" not in dates] or unambiguous
    return LocaleFormat(currency, rng.choice(patterns), rng.choice(separators), rng.choice(unambiguous), language)


def format_day(day: date, pattern: str, language: str) -> str:
    """The date by pattern: format_day(date(2026, 3, 14), '{d} {mon} {y}', 'en') is '14 Mar 2026'."""
    month = MONTHS[language][day.month - 1]
    return pattern.format(
        y=day.year,
        yy=f"{day.year % 100:02}",
        m=day.month,
        mm=f"{day.month:02}",
        d=day.day,
        dd=f"{day.day:02}",
        month=month,
        mon=month[:3],
        th="th" if 10 < day.day < 14 else {1: "st", 2: "nd", 3: "rd"}.get(day.day % 10, "th"),
    )


def financial_numerals(amount: Decimal) -> str:
    """The amount in Chinese financial numerals, as on receipts: 1234.50 is 壹仟贰佰叁拾肆元伍角整."""
    cents = int(amount * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    yuan_text = _integer_numerals(yuan) + "元" if yuan else ""
    if not jiao and not fen:
        return (yuan_text or "零元") + "整"
    jiao_text = DIGITS[jiao] + "角" if jiao else ("零" if yuan_text else "")
    return yuan_text + jiao_text + (DIGITS[fen] + "分" if fen else "整")


DIGITS = "零壹贰叁肆伍陆柒捌玖"


def _integer_numerals(number: int) -> str:
    """Groups of four digits with 仟佰拾 each; consecutive zeros inside a number become one 零."""
    numerals, zero_before = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit:
            numerals += ("零" if zero_before else "") + DIGITS[digit] + ("", "拾", "佰", "仟")[place % 4]
        zero_before = digit == 0
        if place == 4:
            numerals, zero_before = numerals + "万", False
    return numerals
