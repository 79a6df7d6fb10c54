"""The facts of one invoice, before anybody lays them out; all sums are exact."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from invoices.goods import TRADES, Good
from invoices.parties import Party, buyer, seller

LANGUAGES = {
    "de": "de",
    "cn": "zh",
    "cn-usd": "zh",
    "cn-eur": "zh",
    "cn-gbp": "zh",
}  # every other region writes English
TAXES = {"us": (6, 7, 8), "uk": (20,), "ie": (23,), "nl": (21,), "de": (19,), "cn": (13, 6, 1), "cn-en": (13,)}
SHIPPED = "stationery kitchen garden bicycles electronics print clothing building lab tea books".split()
METERED = ("kWh", "GB", "m³")
ONCE = ("job", "psch.", "项", "处")  # nobody orders a logo twice
CHINESE_GOODS = {good for goods in TRADES["zh"].values() for good in goods}
NUMBERS = {
    "en": (
        "INV-{y}-{4}",
        "{y}-{5}",
        "INV{6}",
        "{6}",
        "{A}-{5}",
        "{A}{yy}/{4}",
        "SI-{6}",
        "{yy}{mm}-{3}",
        "{A}-{y}{mm}-{2}",
    ),
    "de": ("RE-{y}-{4}", "{y}/{4}", "R{6}", "{yy}-{5}", "{A}-{6}", "{y}{mm}{3}"),
    "slip": ("{6}", "{4}", "{yy}{mm}{dd}-{4}", "{8}", "{A}{5}", "{y}{mm}{dd}{4}"),
    "fapiao": ("{8}", "{yy}310000000{9}", "{yy}440000000{9}"),
    "zh": ("{8}", "{y}{mm}{dd}{4}", "{A}{yy}{mm}{4}", "FP-{y}-{4}", "{yy}{6}"),
}


@dataclass(frozen=True)
class Item:
    """One line of an invoice; the price is per unit, as printed."""

    what: str
    quantity: Decimal
    price: Decimal
    unit: str
    code: str

    @property
    def amount(self) -> Decimal:
        return cents(self.quantity * self.price)


@dataclass(frozen=True)
class Bill:
    """The content of an invoice; the answer is in the first five fields, the others are distractions."""

    number: str
    issued: date
    seller: Party
    items: tuple[Item, ...]
    currency: str
    region: str
    language: str
    trade: str
    buyer: Party
    order: str
    customer: str
    tax: int
    shipping: Decimal
    terms: int

    @property
    def net(self) -> Decimal:
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def tax_on_top(self) -> Decimal:
        return cents((self.net + self.shipping) * self.tax / 100)

    @property
    def total(self) -> Decimal:
        """To be paid where prices are without tax."""
        return self.net + self.shipping + self.tax_on_top

    @property
    def tax_inside(self) -> Decimal:
        """The tax that a till's prices already hold."""
        return cents(self.net * self.tax / (100 + self.tax))

    @property
    def due(self) -> date:
        return self.later(self.terms)

    def later(self, days: int) -> date:
        return self.issued + timedelta(days=days)

    def shouted(self) -> "Bill":
        """As a till prints it: names in capitals, and so they are in the answer."""
        items = tuple(replace(item, what=item.what.upper()) for item in self.items)
        return replace(self, items=items, seller=self.seller._replace(name=self.seller.name.upper()))

    def answer(self) -> dict:
        """The gold record, keys in the order of the task's type."""
        lines = [
            {"what": item.what, "quantity": plain(item.quantity), "price": plain(item.price)} for item in self.items
        ]
        return {
            "number": self.number,
            "issued": self.issued.isoformat(),
            "seller": self.seller.name,
            "lines": lines,
            "currency": self.currency,
        }


def draw(region: str, currency: str, trade: str, issued: date, lines: int, kind: str, rng: Random) -> Bill:
    """An invoice that a house of this trade could have written on that day."""
    language = LANGUAGES.get(region, "en")
    goods = rng.sample(TRADES[language][trade], min(lines, len(TRADES[language][trade])))
    return Bill(
        number=number(kind if kind in NUMBERS else language, issued, rng),
        issued=issued,
        seller=(house := seller(region, language, trade, kind == "alone", rng)),
        items=tuple(item(good, trade, currency, rng) for good in goods),
        currency=currency,
        region=region,
        language=language,
        trade=trade,
        buyer=other_than(house, region, language, rng),
        order=f"{rng.choice(('', 'PO-', 'SO', 'B'))}{rng.randint(10000, 9999999)}",
        customer=f"{rng.choice(('', 'C-', 'K', 'CUST-'))}{rng.randint(1000, 99999)}",
        tax=7 if region == "de" and trade in ("grocery", "cafe") else rng.choice(TAXES.get(region, (0,))),
        shipping=Decimal(rng.choice((0, 0, 490, 595, 750, 1200)) if trade in SHIPPED and kind != "slip" else 0) / 100,
        terms=rng.choice((7, 14, 14, 30, 30, 45)),
    )


def day(rng: Random) -> date:
    return date(2024, 1, 2) + timedelta(days=rng.randrange(1050))


def number(style: str, issued: date, rng: Random) -> str:
    digits = {str(n): f"{rng.randint(10 ** (n - 2), 10**n - 1):0{n}}" for n in range(2, 10)}
    pattern = rng.choice(NUMBERS[style])
    for name, value in digits.items():
        pattern = pattern.replace("{" + name + "}", value)
    letters = rng.choice(("QM", "A", "RF", "KD", "WX", "T", "BL"))
    return pattern.format(A=letters, y=issued.year, yy=f"{issued:%y}", mm=f"{issued:%m}", dd=f"{issued:%d}")


def item(good: Good, trade: str, currency: str, rng: Random) -> Item:
    code = f"{rng.choice('ABCDFGHKLMNPRSTW')}{rng.choice('ABCDFGHKLM')}-{rng.randint(100, 9999)}"
    chinese = good in CHINESE_GOODS
    asked = price(good, (0, 0, 0, 50, 80, 90) if chinese else (0, 0, 50, 90, 95, 99, rng.randrange(100)), rng)
    if chinese and currency != "CNY":
        asked = max(cents(asked / 7), Decimal("0.1"))  # the lists are in yuan
    return Item(good.fill_variants(rng), quantity(good, trade, rng), asked, good.unit, code)


def quantity(good: Good, trade: str, rng: Random) -> Decimal:
    if good.unit in ("h", "Std.", "小时", "工时"):
        return Decimal(rng.randint(2, 90)) / rng.choice((2, 4)) if rng.random() < 0.8 else Decimal(rng.randint(1, 12))
    if good.unit in ("kg", "千克", "公斤"):
        return Decimal(rng.randint(120, 2900)) / 1000
    if good.unit in METERED:
        return Decimal(rng.randint(24, 2600))
    if good.unit in ONCE:
        return Decimal(1)
    if trade in SHIPPED and good.high < 20 and rng.random() < 0.25:
        return Decimal(rng.choice((8, 10, 12, 15, 20, 24, 40) if good.high > 10 else (10, 20, 25, 50, 100, 250)))
    return Decimal(rng.choice((1, 1, 1, 2, 2, 3, 4, 5, 6)))


def price(good: Good, endings: tuple[int, ...], rng: Random) -> Decimal:
    """A price as shops set it: mostly round or just below, sometimes odd; tariffs have four decimals."""
    if good.unit in METERED and good.high < 1:
        return Decimal(rng.randint(int(good.low * 10000), int(good.high * 10000))) / 10000
    whole = rng.randint(int(good.low * 100), int(good.high * 100))
    if good.low < 1:
        return Decimal(whole // 10) / 10  # a bag, an extra: ten cents up or down, sometimes free
    if good.low >= 40:
        return Decimal(rng.choice((whole // 500 * 5, whole // 100, whole // 100, whole // 50 / Decimal(2))))
    return Decimal(whole // 100 * 100 + rng.choice(endings)) / 100


def other_than(house: Party, region: str, language: str, rng: Random) -> Party:
    while (customer := buyer(region, language, rng)).name == house.name:
        pass
    return customer


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def plain(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)
