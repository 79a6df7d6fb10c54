"""Receipts of 32 to 42 columns: tills, cafés, card slips. Their prices hold the tax already."""

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
        spread(rng.choice(("TOTAL", "BALANCE DUE", "TO PAY")), pen.money(bill.net), wide),
        _paid(bill, pen, wide, rng),
        f"INCL. {english.TAX[bill.region].upper()} {bill.tax}%  {pen.plain(bill.tax_inside)}",
        "",
        centred(rng.choice(("THANK YOU FOR SHOPPING WITH US", "PLEASE KEEP YOUR RECEIPT", "*** CUSTOMER COPY ***")), wide),
    )


def _rung(item: Item, pen: Pen, wide: int) -> str:
    line = spread(item.what, pen.plain(item.amount), wide)
    if item.quantity == 1:
        return line
    unit = f"/{item.unit}" if item.unit else ""
    return f"{line}\n   {pen.count(item.quantity)}{english.counted(item.unit)} @ {pen.plain(item.price)}{unit.upper()}"


def receipt(bill: Bill, pen: Pen, rng: Random) -> str:
    """Fixed width, dots up to the price, the quantity in front."""
    wide, fill = rng.choice((38, 42, 46)), rng.choice((".", ".", " ", "_"))
    x = rng.choice(("x ", "× ", "x"))
    return stack(
        rng.choice(("=", "*", "-")) * wide,
        centred(bill.seller.name, wide),
        centred(bill.seller.town, wide),
        "=" * wide,
        f"{rng.choice(('Receipt', 'Receipt no.', 'Bill', 'Invoice'))} {bill.number}",
        f"{pen.day(bill.issued)}, {_time(rng)}   served by {rng.choice(('Ana', 'Leo', 'Mo', 'Kim', 'J.'))}",
        rng.choice((None, f"Table {rng.randint(1, 30)}, {rng.randint(1, 6)} guests", f"Order {bill.order}")),
        "-" * wide,
        [_dotted(item, pen, wide, fill, x) for item in bill.items],
        "-" * wide,
        spread(f"Includes {english.TAX[bill.region]} {bill.tax}%", pen.plain(bill.tax_inside), wide),
        spread("TOTAL", pen.money(bill.net), wide),
        "",
        centred(rng.choice(("Have a lovely day!", "Service is not included.", "See you soon!", bill.seller.mail)), wide),
    )


def _dotted(item: Item, pen: Pen, wide: int, fill: str, x: str) -> str:
    if item.quantity == 1:
        return spread(f"{item.what} ", f" {pen.plain(item.price)}", wide, fill)
    each = f"  ({pen.plain(item.price)}{'/' + item.unit if item.unit else ' each'})"
    return spread(f"{pen.count(item.quantity)}{english.counted(item.unit)} {x}{item.what} ", f" {pen.plain(item.amount)}", wide, fill) + f"\n{each}"


def card_receipt(bill: Bill, pen: Pen, rng: Random) -> str:
    """What a payment service mails after a sale."""
    return stack(
        f"Receipt from {bill.seller.name}",
        f"Receipt #{bill.number}",
        "",
        "AMOUNT PAID",
        pen.money(bill.net),
        "DATE PAID",
        pen.day(bill.issued),
        "PAYMENT METHOD",
        f"{rng.choice(('Visa', 'Mastercard', 'Debit'))} - {rng.randint(1000, 9999)}",
        "",
        "SUMMARY",
        [f"{item.what} × {pen.count(item.quantity)}\n{_each(item, pen)}" for item in bill.items],
        "",
        f"Amount charged   {pen.money(bill.net)}",
        f"of which {english.TAX[bill.region]}   {pen.money(bill.tax_inside)}",
        "",
        f"If you have any questions, write to {bill.seller.mail} or call {bill.seller.phone}.",
    )


def _each(item: Item, pen: Pen) -> str:
    return pen.money(item.amount) if item.quantity == 1 else f"{pen.money(item.amount)} ({pen.money(item.price)} each)"


def _paid(bill: Bill, pen: Pen, wide: int, rng: Random) -> str:
    if rng.random() < 0.5:
        return spread("CARD", pen.plain(bill.net), wide) + f"\nXXXX XXXX XXXX {rng.randint(1000, 9999)}  AUTH {rng.randint(100000, 999999)}"
    given = (bill.net // 10 + 1) * 10
    return spread("CASH", pen.plain(given), wide) + "\n" + spread("CHANGE", pen.plain(given - bill.net), wide)


def _time(rng: Random) -> str:
    return f"{rng.randint(8, 21):02}:{rng.randint(0, 59):02}"


LAYOUTS = (
    Layout("till slip", till_slip, "us uk ie", "grocery grocery stationery", (2, 10), shouts=True),
    Layout("fixed-width receipt", receipt, "us uk ie nl", "cafe cafe grocery kitchen", (1, 7)),
    Layout("card receipt", card_receipt, "us uk ie nl", "cafe software kitchen clothing", (1, 4)),
)
