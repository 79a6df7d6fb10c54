"""Content of one invoice, independent of its layout; all sums are exact."""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from invoices.goods import TRADES, Product
from invoices.parties import Party, sample_buyer, sample_seller

LANGUAGES = {
    "de": "de",
    "cn": "zh",
    "cn-usd": "zh",
    "cn-eur": "zh",
    "cn-gbp": "zh",
}  # all other regions use English
TAX_RATES = {"us": (6, 7, 8), "uk": (20,), "ie": (23,), "nl": (21,), "de": (19,), "cn": (13, 6, 1), "cn-en": (13,)}
SHIPPED_TRADES = "stationery kitchen garden bicycles electronics print clothing building lab tea books".split()
METERED_UNITS = ("kWh", "GB", "m³")
SINGLE_QUANTITY_UNITS = ("job", "psch.", "项", "处")  # units whose quantity is always 1, such as a logo design
CHINESE_PRODUCTS = {product for products in TRADES["zh"].values() for product in products}
NUMBER_PATTERNS = {
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
    tax_rate: int
    shipping: Decimal
    terms: int

    @property
    def net(self) -> Decimal:
        return sum((item.amount for item in self.items), Decimal(0))

    @property
    def tax_amount(self) -> Decimal:
        return cents((self.net + self.shipping) * self.tax_rate / 100)

    @property
    def total(self) -> Decimal:
        """Amount due if prices are without tax."""
        return self.net + self.shipping + self.tax_amount

    @property
    def tax_included(self) -> Decimal:
        """Tax included in gross prices, as on receipts."""
        return cents(self.net * self.tax_rate / (100 + self.tax_rate))

    @property
    def due(self) -> date:
        return self.date_after(self.terms)

    def date_after(self, days: int) -> date:
        return self.issued + timedelta(days=days)

    def in_uppercase(self) -> "Bill":
        """The bill with names in capitals, in text and answer, as on receipts."""
        items = tuple(replace(item, what=item.what.upper()) for item in self.items)
        return replace(self, items=items, seller=self.seller._replace(name=self.seller.name.upper()))

    def answer(self) -> dict:
        """The expected answer, keys in the order of the task's type."""
        lines = [
            {"what": item.what, "quantity": json_number(item.quantity), "price": json_number(item.price)}
            for item in self.items
        ]
        return {
            "number": self.number,
            "issued": self.issued.isoformat(),
            "seller": self.seller.name,
            "lines": lines,
            "currency": self.currency,
        }


def sample_bill(region: str, currency: str, trade: str, issued: date, line_count: int, kind: str, rng: Random) -> Bill:
    """A random invoice of a company of this trade on this date."""
    language = LANGUAGES.get(region, "en")
    products = rng.sample(TRADES[language][trade], min(line_count, len(TRADES[language][trade])))
    return Bill(
        number=invoice_number(kind if kind in NUMBER_PATTERNS else language, issued, rng),
        issued=issued,
        seller=(seller_party := sample_seller(region, language, trade, kind == "sole trader", rng)),
        items=tuple(sample_item(product, trade, currency, rng) for product in products),
        currency=currency,
        region=region,
        language=language,
        trade=trade,
        buyer=different_buyer(seller_party, region, language, rng),
        order=f"{rng.choice(('', 'PO-', 'SO', 'B'))}{rng.randint(10000, 9999999)}",
        customer=f"{rng.choice(('', 'C-', 'K', 'CUST-'))}{rng.randint(1000, 99999)}",
        tax_rate=7 if region == "de" and trade in ("grocery", "cafe") else rng.choice(TAX_RATES.get(region, (0,))),
        shipping=Decimal(rng.choice((0, 0, 490, 595, 750, 1200)) if trade in SHIPPED_TRADES and kind != "slip" else 0)
        / 100,
        terms=rng.choice((7, 14, 14, 30, 30, 45)),
    )


def sample_date(rng: Random) -> date:
    return date(2024, 1, 2) + timedelta(days=rng.randrange(1050))


def invoice_number(style: str, issued: date, rng: Random) -> str:
    digits = {str(n): f"{rng.randint(10 ** (n - 2), 10**n - 1):0{n}}" for n in range(2, 10)}
    pattern = rng.choice(NUMBER_PATTERNS[style])
    for name, value in digits.items():
        pattern = pattern.replace("{" + name + "}", value)
    letters = rng.choice(("QM", "A", "RF", "KD", "WX", "T", "BL"))
    return pattern.format(A=letters, y=issued.year, yy=f"{issued:%y}", mm=f"{issued:%m}", dd=f"{issued:%d}")


def sample_item(product: Product, trade: str, currency: str, rng: Random) -> Item:
    code = f"{rng.choice('ABCDFGHKLMNPRSTW')}{rng.choice('ABCDFGHKLM')}-{rng.randint(100, 9999)}"
    chinese = product in CHINESE_PRODUCTS
    unit_price = sample_price(
        product, (0, 0, 0, 50, 80, 90) if chinese else (0, 0, 50, 90, 95, 99, rng.randrange(100)), rng
    )
    if chinese and currency != "CNY":
        unit_price = max(cents(unit_price / 7), Decimal("0.1"))  # the lists are in yuan
    return Item(product.fill_variants(rng), sample_quantity(product, trade, rng), unit_price, product.unit, code)


def sample_quantity(product: Product, trade: str, rng: Random) -> Decimal:
    if product.unit in ("h", "Std.", "小时", "工时"):
        return Decimal(rng.randint(2, 90)) / rng.choice((2, 4)) if rng.random() < 0.8 else Decimal(rng.randint(1, 12))
    if product.unit in ("kg", "千克", "公斤"):
        return Decimal(rng.randint(120, 2900)) / 1000
    if product.unit in METERED_UNITS:
        return Decimal(rng.randint(24, 2600))
    if product.unit in SINGLE_QUANTITY_UNITS:
        return Decimal(1)
    if trade in SHIPPED_TRADES and product.high < 20 and rng.random() < 0.25:
        return Decimal(rng.choice((8, 10, 12, 15, 20, 24, 40) if product.high > 10 else (10, 20, 25, 50, 100, 250)))
    return Decimal(rng.choice((1, 1, 1, 2, 2, 3, 4, 5, 6)))


def sample_price(product: Product, endings: tuple[int, ...], rng: Random) -> Decimal:
    """A price: mostly round or just below, sometimes irregular; tariffs have four decimals."""
    if product.unit in METERED_UNITS and product.high < 1:
        return Decimal(rng.randint(int(product.low * 10000), int(product.high * 10000))) / 10000
    amount_in_cents = rng.randint(int(product.low * 100), int(product.high * 100))
    if product.low < 1:
        return Decimal(amount_in_cents // 10) / 10  # small items such as bags: multiples of ten cents, sometimes free
    if product.low >= 40:
        return Decimal(
            rng.choice(
                (
                    amount_in_cents // 500 * 5,
                    amount_in_cents // 100,
                    amount_in_cents // 100,
                    amount_in_cents // 50 / Decimal(2),
                )
            )
        )
    return Decimal(amount_in_cents // 100 * 100 + rng.choice(endings)) / 100


def different_buyer(seller_party: Party, region: str, language: str, rng: Random) -> Party:
    while (customer := sample_buyer(region, language, rng)).name == seller_party.name:
        pass
    return customer


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(Decimal("0.01"), ROUND_HALF_UP)


def json_number(amount: Decimal) -> int | float:
    return int(amount) if amount == int(amount) else float(amount)
