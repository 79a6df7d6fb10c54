"""How a country writes money, numbers and dates. One pen writes one invoice, so a text stays true to itself."""

from datetime import date
from decimal import Decimal
from random import Random
from typing import NamedTuple

MONTHS = {
    "en": "January February March April May June July August September October November December".split(),
    "de": "Januar Februar März April Mai Juni Juli August September Oktober November Dezember".split(),
    "zh": [str(month) for month in range(1, 13)],
}

# Patterns of money, the marks for decimals and thousands ("" means that thousands stand ungrouped), patterns of dates.
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
# 03/04/26 means two days, and only the reader's country decides: such patterns are kept for days after the twelfth.
AMBIGUOUS = ("{mm}/{dd}/{y}", "{mm}/{dd}/{yy}", "{dd}/{mm}/{y}", "{dd}-{mm}-{y}")


class Pen(NamedTuple):
    """Writes every amount and date of one invoice in one way."""

    currency: str
    pattern: str
    marks: str
    dates: str
    language: str

    def money(self, amount: Decimal) -> str:
        """An amount with its currency: '1.234,50 €'."""
        return self.pattern.format(self.plain(amount))

    def plain(self, amount: Decimal) -> str:
        """An amount alone, with at least two decimals: '1.234,50'; more where a price per kWh needs them."""
        return self._marked(amount, places=max(2, -amount.normalize().as_tuple().exponent))

    def count(self, quantity: Decimal) -> str:
        """A quantity with no more decimals than it has: '2', '12,5', '0,482'."""
        return self._marked(quantity, places=max(0, -quantity.normalize().as_tuple().exponent))

    def day(self, day: date) -> str:
        return format_day(day, self.dates, self.language)

    def _marked(self, amount: Decimal, places: int) -> str:
        decimal, group = self.marks[0], self.marks[1:]
        return f"{amount:,.{places}f}".translate({ord(","): group, ord("."): decimal})


def pen(region: str, language: str, issued: date, short: bool, rng: Random) -> Pen:
    """A way to write that fits the region and leaves one way to read the issue date; `short` spells no month out."""
    currency, patterns, marks = MONEY[region]
    clear = [dates for dates in DATES[region] if issued.day > 12 or dates not in AMBIGUOUS]
    if short:
        clear = [dates for dates in clear if "{month}" not in dates] or clear
    return Pen(currency, rng.choice(patterns), rng.choice(marks), rng.choice(clear), language)


def format_day(day: date, pattern: str, language: str) -> str:
    """A day in words and digits: written(date(2026, 3, 14), '{d} {mon} {y}', 'en') is '14 Mar 2026'."""
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


def capitals(amount: Decimal) -> str:
    """An amount in the forgery-proof Chinese numerals of receipts: 1234.50 is 壹仟贰佰叁拾肆元伍角整."""
    cents = int(amount * 100)
    yuan, jiao, fen = cents // 100, cents // 10 % 10, cents % 10
    whole = _capital_integer(yuan) + "元" if yuan else ""
    if not jiao and not fen:
        return (whole or "零元") + "整"
    middle = DIGITS[jiao] + "角" if jiao else ("零" if whole else "")
    return whole + middle + (DIGITS[fen] + "分" if fen else "整")


DIGITS = "零壹贰叁肆伍陆柒捌玖"


def _capital_integer(number: int) -> str:
    """Groups of four digits, each with its own 仟佰拾; a run of zeros inside is said once."""
    said, zero = "", False
    for place in range(len(str(number)) - 1, -1, -1):
        digit = number // 10**place % 10
        if digit:
            said += ("零" if zero else "") + DIGITS[digit] + ("", "拾", "佰", "仟")[place % 4]
        zero = digit == 0
        if place == 4:
            said, zero = said + "万", False
    return said
