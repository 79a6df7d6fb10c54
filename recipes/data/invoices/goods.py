"""What is sold: a name, a range of prices and a unit; the lists themselves are one text per language."""

from decimal import Decimal
from random import Random
from typing import NamedTuple

from invoices.goods_chinese import CHINESE
from invoices.goods_english import ENGLISH
from invoices.goods_german import GERMAN

# One name stands for several goods: "Enamel mug, {colour}". Each language has its own words for them.
VARIANTS = {
    "colour": ("forest green", "navy", "charcoal", "cream", "rust", "slate grey"),
    "farbe": ("dunkelblau", "anthrazit", "weiß", "moosgrün"),
    "颜色": ("米白", "藏青", "墨绿", "浅灰", "黑色"),
    "size": ("S", "M", "L", "XL"),
    "mm": ("6", "8", "10", "12", "16", "25"),
    "cm": ("20", "30", "45", "60", "90"),
    "ml": ("100", "250", "500"),
    "m": ("1", "2", "3", "5"),
}


class Good(NamedTuple):
    """Something with a price between `low` and `high` per `unit`; the unit "" is never printed."""

    what: str
    low: Decimal
    high: Decimal
    unit: str

    def fill_variants(self, rng: Random) -> str:
        return self.what.format(**{name: rng.choice(words) for name, words in VARIANTS.items()})


def goods(listing: str) -> tuple[Good, ...]:
    """A list of goods; the first line says the unit of those that name none of their own."""
    unit, *lines = (line.strip() for line in listing.splitlines())
    return tuple(good(line, unit) for line in lines)


def good(line: str, unit: str) -> Good:
    what, prices, *own_unit = (part.strip() for part in line.split("|"))
    low, high = prices.split("-")
    return Good(what, Decimal(low), Decimal(high), (own_unit[0] if own_unit else unit).strip("-"))


TRADES = {
    language: {trade: goods(listing) for trade, listing in trades.items()}
    for language, trades in {"en": ENGLISH, "de": GERMAN, "zh": CHINESE}.items()
}
