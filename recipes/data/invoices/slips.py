"""Receipts of 32 to 46 columns: shops, cafés, card payments. Prices include tax except in America."""

from decimal import Decimal
from random import Random

from invoices import english
from invoices.bill import Bill, Item
from invoices.layout import Layout
from invoices.notation import LocaleFormat
from invoices.typesetting import center, justify, stack


def till_slip(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Till receipt in capitals; quantity and unit price on a second line if the quantity is not 1."""
    line_width = rng.choice((32, 36, 40))
    return stack(
        center(bill.seller.name, line_width),
        center(bill.seller.street.upper(), line_width),
        center(f"TEL {bill.seller.phone}", line_width),
        rng.choice((None, center(f"{english.TAX_ID[bill.region]} {bill.seller.tax_id}".upper(), line_width))),
        "",
        justify(f"{fmt.day(bill.issued)} {_time(rng)}", f"TILL {rng.randint(1, 9)}", line_width),
        f"{rng.choice(('RECEIPT', 'RECEIPT NO', 'TRANS', 'INVOICE'))} {bill.number}",
        "",
        [_item_line(item, fmt, line_width) for item in bill.items],
        justify("", "-" * 10, line_width),
        [justify(label.upper(), value, line_width) for label, value in english.receipt_sums(bill, fmt)],
        justify(rng.choice(("TOTAL", "BALANCE DUE", "TO PAY")), fmt.money(english.amount_paid(bill)), line_width),
        _payment_lines(english.amount_paid(bill), fmt, line_width, rng),
        "",
        center(
            rng.choice(("THANK YOU FOR SHOPPING WITH US", "PLEASE KEEP YOUR RECEIPT", "*** CUSTOMER COPY ***")),
            line_width,
        ),
    )


def _item_line(item: Item, fmt: LocaleFormat, line_width: int) -> str:
    line = justify(item.what, fmt.amount(item.amount), line_width)
    if item.quantity == 1:
        return line
    unit = f"/{item.unit}" if item.unit not in ("", "pcs") else ""
    return (
        f"{line}\n   {fmt.quantity(item.quantity)}{english.unit_suffix(item)} @ {fmt.amount(item.price)}{unit.upper()}"
    )


def receipt(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Fixed-width receipt: quantity first, fill characters up to the price."""
    line_width, fill = rng.choice((38, 42, 46)), rng.choice((".", ".", " ", "_"))
    x = rng.choice(("x", "×"))
    return stack(
        rng.choice(("=", "*", "-")) * line_width,
        center(bill.seller.name, line_width),
        center(bill.seller.town, line_width),
        "=" * line_width,
        f"{rng.choice(('Receipt', 'Receipt no.', 'Bill', 'Invoice'))} {bill.number}",
        f"{fmt.day(bill.issued)}, {_time(rng)}   served by {rng.choice(('Ana', 'Leo', 'Mo', 'Kim', 'J.'))}",
        f"Table {rng.randint(1, 30)}, {rng.randint(2, 6)} guests" if bill.trade == "cafe" else f"Order {bill.order}",
        "-" * line_width,
        [_dotted_line(item, fmt, line_width, fill, x) for item in bill.items],
        "-" * line_width,
        [justify(label, value, line_width) for label, value in english.receipt_sums(bill, fmt)],
        justify("TOTAL", fmt.money(english.amount_paid(bill)), line_width),
        "",
        center(
            rng.choice(("Have a lovely day!", "Service is not included.", "See you soon!", bill.seller.mail)),
            line_width,
        ),
    )


def _dotted_line(item: Item, fmt: LocaleFormat, line_width: int, fill: str, x: str) -> str:
    if item.quantity == 1:
        return justify(f"{item.what} ", f" {fmt.amount(item.price)}", line_width, fill)
    each = f"  ({fmt.amount(item.price)}{'/' + item.unit if item.unit == 'kg' else ' each'})"
    quantity = f"{fmt.quantity(item.quantity)}{english.unit_suffix(item)}"
    return justify(f"{quantity} {x} {item.what} ", f" {fmt.amount(item.amount)}", line_width, fill) + f"\n{each}"


def card_receipt(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Mail of a payment service after a sale."""
    return stack(
        f"Receipt from {bill.seller.name}",
        f"Receipt #{bill.number}",
        "",
        "AMOUNT PAID",
        fmt.money(english.amount_paid(bill)),
        "DATE PAID",
        fmt.day(bill.issued),
        "PAYMENT METHOD",
        f"{rng.choice(('Visa', 'Mastercard', 'Debit'))} - {rng.randint(1000, 9999)}",
        "",
        "SUMMARY",
        [f"{item.what} × {fmt.quantity(item.quantity)}\n{_each(item, fmt)}" for item in bill.items],
        "",
        [f"{label}   {value}" for label, value in english.receipt_sums(bill, fmt)],
        f"Amount charged   {fmt.money(english.amount_paid(bill))}",
        "",
        f"If you have any questions, write to {bill.seller.mail} or call {bill.seller.phone}.",
    )


def _each(item: Item, fmt: LocaleFormat) -> str:
    return fmt.money(item.amount) if item.quantity == 1 else f"{fmt.money(item.amount)} ({fmt.money(item.price)} each)"


def _payment_lines(due: Decimal, fmt: LocaleFormat, line_width: int, rng: Random) -> str:
    if rng.random() < 0.5:
        card = f"XXXX XXXX XXXX {rng.randint(1000, 9999)}  AUTH {rng.randint(100000, 999999)}"
        return justify("CARD", fmt.amount(due), line_width) + f"\n{card}"
    cash = (due // 10 + 1) * 10
    return justify("CASH", fmt.amount(cash), line_width) + "\n" + justify("CHANGE", fmt.amount(cash - due), line_width)


def _time(rng: Random) -> str:
    return f"{rng.randint(8, 21):02}:{rng.randint(0, 59):02}"


LAYOUTS = (
    Layout(
        "till slip", till_slip, "us us uk uk ie", "grocery grocery stationery", (2, 10), kind="slip", uppercase=True
    ),
    Layout("fixed-width receipt", receipt, "us us uk ie nl", "cafe cafe grocery kitchen", (1, 7), kind="slip"),
    Layout("card receipt", card_receipt, "us uk ie nl", "cafe software kitchen clothing", (1, 4), kind="slip"),
)
