"""Products and services: name, price range and unit, parsed from one list per language."""

from decimal import Decimal
from random import Random
from typing import NamedTuple

from invoices.goods_chinese import CHINESE
from invoices.goods_english import ENGLISH
from invoices.goods_german import GERMAN

# Values of placeholders in names, e.g. "Enamel mug, {colour}"; keys differ by language.
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


class Product(NamedTuple):
    """A product or service with a price between `low` and `high` per `unit`; "" means without unit."""

    what: str
    low: Decimal
    high: Decimal
    unit: str

    def fill_variants(self, rng: Random) -> str:
        return self.what.format(**{name: rng.choice(words) for name, words in VARIANTS.items()})


def parse_products(table: str) -> tuple[Product, ...]:
    """Parses a list of products; its first line is the default unit."""
    unit, *lines = (line.strip() for line in table.splitlines())
    return tuple(parse_product(line, unit) for line in lines)


def parse_product(line: str, unit: str) -> Product:
    what, prices, *own_unit = (part.strip() for part in line.split("|"))
    low, high = prices.split("-")
    return Product(what, Decimal(low), Decimal(high), (own_unit[0] if own_unit else unit).strip("-"))


TRADES = {
    language: {trade: parse_products(table) for trade, table in trades.items()}
    for language, trades in {"en": ENGLISH, "de": GERMAN, "zh": CHINESE}.items()
}
