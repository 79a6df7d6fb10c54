"""Receipts of 32 to 42 columns: tills, cafés, card slips. Outside America their prices hold the tax already."""

from decimal import Decimal
from random import Random

from invoices import english
from invoices.bill import Bill, Item
from invoices.layout import Layout
from invoices.notation import Pen
from invoices.typesetting import centred, spread, stack


def till_slip(bill: Bill, pen: Pen, rng: Random) -> str:
    """Capitals, and a line of its own for what comes more than once or is weighed."""
    wide = rng.choice((32, 36, 40))
    return stack(
        centred(bill.seller.name, wide),
        centred(bill.seller.street.upper(), wide),
        centred(f"TEL {bill.seller.phone}", wide),
        rng.choice((None, centred(f"{english.TAX_ID[bill.region]} {bill.seller.tax_id}".upper(), wide))),
        "",
        spread(f"{pen.day(bill.issued)} {_time(rng)}", f"TILL {rng.randint(1, 9)}", wide),
        f"{rng.choice(('RECEIPT', 'RECEIPT NO', 'TRANS', 'INVOICE'))} {bill.number}",
        "",
        [_rung(item, pen, wide) for item in bill.items],
        spread("", "-" * 10, wide),
        [spread(label.upper(), value, wide) for label, value in english.till_sums(bill, pen)],
        spread(rng.choice(("TOTAL", "BALANCE DUE", "TO PAY")), pen.money(english.paid(bill)), wide),
        _paid(english.paid(bill), pen, wide, rng),
        "",
        centred(
            rng.choice(("THANK YOU FOR SHOPPING WITH US", "PLEASE KEEP YOUR RECEIPT", "*** CUSTOMER COPY ***")), wide
        ),
    )


def _rung(item: Item, pen: Pen, wide: int) -> str:
    line = spread(item.what, pen.plain(item.amount), wide)
    if item.quantity == 1:
        return line
    unit = f"/{item.unit}" if item.unit not in ("", "pcs") else ""
    return f"{line}\n   {pen.count(item.quantity)}{english.unit_suffix(item)} @ {pen.plain(item.price)}{unit.upper()}"


def receipt(bill: Bill, pen: Pen, rng: Random) -> str:
    """Fixed width, dots up to the price, the quantity in front."""
    wide, fill = rng.choice((38, 42, 46)), rng.choice((".", ".", " ", "_"))
    x = rng.choice(("x", "×"))
    return stack(
        rng.choice(("=", "*", "-")) * wide,
        centred(bill.seller.name, wide),
        centred(bill.seller.town, wide),
        "=" * wide,
        f"{rng.choice(('Receipt', 'Receipt no.', 'Bill', 'Invoice'))} {bill.number}",
        f"{pen.day(bill.issued)}, {_time(rng)}   served by {rng.choice(('Ana', 'Leo', 'Mo', 'Kim', 'J.'))}",
        f"Table {rng.randint(1, 30)}, {rng.randint(2, 6)} guests" if bill.trade == "cafe" else f"Order {bill.order}",
        "-" * wide,
        [_dotted(item, pen, wide, fill, x) for item in bill.items],
        "-" * wide,
        [spread(label, value, wide) for label, value in english.till_sums(bill, pen)],
        spread("TOTAL", pen.money(english.paid(bill)), wide),
        "",
        centred(
            rng.choice(("Have a lovely day!", "Service is not included.", "See you soon!", bill.seller.mail)), wide
        ),
    )


def _dotted(item: Item, pen: Pen, wide: int, fill: str, x: str) -> str:
    if item.quantity == 1:
        return spread(f"{item.what} ", f" {pen.plain(item.price)}", wide, fill)
    each = f"  ({pen.plain(item.price)}{'/' + item.unit if item.unit == 'kg' else ' each'})"
    count = f"{pen.count(item.quantity)}{english.unit_suffix(item)}"
    return spread(f"{count} {x} {item.what} ", f" {pen.plain(item.amount)}", wide, fill) + f"\n{each}"


def card_receipt(bill: Bill, pen: Pen, rng: Random) -> str:
    """What a payment service mails after a sale."""
    return stack(
        f"Receipt from {bill.seller.name}",
        f"Receipt #{bill.number}",
        "",
        "AMOUNT PAID",
        pen.money(english.paid(bill)),
        "DATE PAID",
        pen.day(bill.issued),
        "PAYMENT METHOD",
        f"{rng.choice(('Visa', 'Mastercard', 'Debit'))} - {rng.randint(1000, 9999)}",
        "",
        "SUMMARY",
        [f"{item.what} × {pen.count(item.quantity)}\n{_each(item, pen)}" for item in bill.items],
        "",
        [f"{label}   {value}" for label, value in english.till_sums(bill, pen)],
        f"Amount charged   {pen.money(english.paid(bill))}",
        "",
        f"If you have any questions, write to {bill.seller.mail} or call {bill.seller.phone}.",
    )


def _each(item: Item, pen: Pen) -> str:
    return pen.money(item.amount) if item.quantity == 1 else f"{pen.money(item.amount)} ({pen.money(item.price)} each)"


def _paid(due: Decimal, pen: Pen, wide: int, rng: Random) -> str:
    if rng.random() < 0.5:
        card = f"XXXX XXXX XXXX {rng.randint(1000, 9999)}  AUTH {rng.randint(100000, 999999)}"
        return spread("CARD", pen.plain(due), wide) + f"\n{card}"
    given = (due // 10 + 1) * 10
    return spread("CASH", pen.plain(given), wide) + "\n" + spread("CHANGE", pen.plain(given - due), wide)


def _time(rng: Random) -> str:
    return f"{rng.randint(8, 21):02}:{rng.randint(0, 59):02}"


LAYOUTS = (
    Layout("till slip", till_slip, "us us uk uk ie", "grocery grocery stationery", (2, 10), kind="slip", shouts=True),
    Layout("fixed-width receipt", receipt, "us us uk ie nl", "cafe cafe grocery kitchen", (1, 7), kind="slip"),
    Layout("card receipt", card_receipt, "us uk ie nl", "cafe software kitchen clothing", (1, 4), kind="slip"),
)
