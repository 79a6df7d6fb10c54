"""Training rows: sampled bills in training layouts, kept if every value can be quoted and no held-out row is alike."""

import re
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from random import Random

from decontamination import Decontamination

from invoices.bill import LANGUAGES, TAX_RATES, Bill, Item, sample_date
from invoices.goods import Product
from invoices.noise import add_scan_noise
from invoices.notation import AMBIGUOUS, MONEY, LocaleFormat, sample_format
from invoices.training import names
from invoices.training.goods import GOODS, price_of, product_name, quantity_of
from invoices.training.labels import LABELS
from invoices.training.layouts import LAYOUTS, TrainingLayout
from invoices.training.quotable import is_quotable
from invoices.training.sheet import Sheet
from invoices.typesetting import stack

REGIONS = {
    "en": "us us us uk uk ie nl cn-en".split(),
    "de": ["de"],
    "zh": "cn cn cn cn cn cn-usd cn-eur cn-gbp".split(),
}
SHARES = {"en": 0.56, "zh": 0.30, "de": 0.14}
LINES = (1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 7)
DATES = {
    "en": ("{d}{th} of {month} {y}", "{month} {d}{th}, {y}", "{d}.{m}.{y}", "{y}.{mm}.{dd}", "{d}-{mon}-{y}"),
    "de": ("{d}. {mon}. {y}", "{y}-{mm}-{dd}", "{dd}/{mm}/{y}", "{d}.{m}.{yy}"),
    "zh": ("{y} 年 {m} 月 {d} 日", "{y}{mm}{dd}", "{yy}年{m}月{d}日", "{y}-{m}-{d}"),
}
NUMBERS = (
    "#####", "####", "@@-####", "@###/##", "yyyy-###", "yy-####", "@@@#####", "#/yyyy", "##.###", "yyyymm-##", "@#####",
    "No##@", "########", "yymmdd##", "@@yy####", "#####-#", "###",
)  # fmt: skip
OMITTED = ("number", "issued", "seller")
SCANNED, SQUEEZED, OMITTING = 0.05, 0.06, 0.06  # shares of rows


def training_rows(count: int, decontamination: Decontamination) -> Iterator[dict]:
    """`count` rows, no two with the same text. Languages have their shares; layouts take turns."""
    rng = Random("extract_invoice, training")
    turns = {language: _turns(language, rng) for language in SHARES}
    texts: set[str] = set()
    while len(texts) < count:
        [language] = rng.choices(list(SHARES), list(SHARES.values()))
        row = _row(next(turns[language]), language, rng)
        if row and row["text"] not in texts and decontamination.accepts(row):
            texts.add(row["text"])
            yield row


def _turns(language: str, rng: Random) -> Iterator[TrainingLayout]:
    layouts = [layout for layout in LAYOUTS if language in layout.languages]
    while True:
        rng.shuffle(layouts)
        yield from layouts


def _row(layout: TrainingLayout, language: str, rng: Random) -> dict | None:
    """A row, or None if a value does not stand in it as itself."""
    bill, fmt = sample_bill(language, rng)
    omitted = rng.choice(OMITTED) if layout.can_omit and rng.random() < OMITTING else ""
    sheet = Sheet(bill, fmt, LABELS[language], rng, rng.choice(LABELS[language].colon))
    text = stack(layout.lines(sheet.without(omitted) if omitted else sheet))
    if rng.random() < SQUEEZED:
        text = re.sub(r"(?<=\S) {2,}", " ", text)
    if rng.random() < SCANNED:
        text = add_scan_noise(text, bill, rng)
    answer = bill.answer() | dict.fromkeys([omitted] if omitted else [])
    row = {"text": text, "answer": answer}
    return row if is_quotable(row, bill, fmt) else None


def sample_bill(language: str, rng: Random) -> tuple[Bill, LocaleFormat]:
    region, issued = rng.choice(REGIONS[language]), sample_date(rng)
    fmt = sample_format(region, language, issued, rng.random() < 0.5, rng)
    extra = [dates for dates in DATES[language] if issued.day > 12 or dates not in AMBIGUOUS]
    fmt = fmt._replace(dates=rng.choice(extra)) if rng.random() < 0.3 else fmt
    is_person = rng.random() < 0.15
    bill = Bill(
        number=number(issued, rng),
        issued=issued,
        seller=names.seller(region, language, is_person, rng),
        items=items(GOODS[language], MONEY[region][0], rng),
        currency=fmt.currency,
        region=region,
        language=LANGUAGES.get(region, "en"),
        trade="",
        buyer=names.buyer(region, language, rng),
        order=number(issued, rng),
        customer=f"{rng.choice(('', 'D', 'M-'))}{rng.randint(100, 99999)}",
        tax_rate=rng.choice((0, *TAX_RATES.get(region, (0,)))),
        shipping=Decimal(rng.choice((0, 0, 0, 0, 350, 680, 900))) / 100,
        terms=rng.choice((8, 10, 14, 21, 28, 30, 60)),
    )
    return (bill.in_uppercase() if language != "zh" and rng.random() < 0.08 else bill), fmt


def items(products: tuple[Product, ...], currency: str, rng: Random) -> tuple[Item, ...]:
    chosen = rng.sample(products, rng.choice(LINES))
    factor = Decimal(1 if currency == "CNY" or products is not GOODS["zh"] else "0.15")
    return tuple(
        Item(
            what=product_name(product, rng),
            quantity=quantity_of(product, rng),
            price=price_of(product, factor, rng),
            unit=product.unit,
            code=f"{rng.choice('EJQUXYZ')}{rng.randint(10, 9999)}",
        )
        for product in chosen
    )


def number(issued: date, rng: Random) -> str:
    """An invoice number: "#" is a digit, "@" a letter, "yy", "yyyy", "mm" and "dd" the date."""
    pattern = rng.choice(NUMBERS).replace("yyyy", str(issued.year)).replace("yy", f"{issued:%y}")
    pattern = pattern.replace("mm", f"{issued:%m}").replace("dd", f"{issued:%d}")
    digits = re.sub("#", lambda _: rng.choice("0123456789"), pattern)
    return re.sub("@", lambda _: rng.choice("BCDEGHJLNPSUVYZ"), digits)
