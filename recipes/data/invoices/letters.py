"""Letters and statements of one trade: address blocks, hours, repairs, nights, meters, subscriptions."""

from datetime import date
from decimal import Decimal
from random import Random

from invoices import english
from invoices.bill import Bill, Item
from invoices.layout import GOODS, SERVICES, Layout
from invoices.notation import Pen
from invoices.typesetting import columns, spread, stack


def letter(bill: Bill, pen: Pen, rng: Random) -> str:
    pieces = [
        f"{pen.count(item.quantity)}{english.unit_suffix(item)} {item.what}, {_at(item, pen)}" for item in bill.items
    ]
    return stack(
        bill.seller.name,
        bill.seller.street,
        bill.seller.town,
        "",
        "",
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        " " * rng.choice((0, 36)) + pen.day(bill.issued),
        "",
        f"{rng.choice(('Invoice', 'Invoice no.', 'Our invoice'))} {bill.number}",
        rng.choice((None, f"Your order {bill.order} of {pen.day(bill.later(-rng.randint(4, 20)))}")),
        "",
        f"Dear {rng.choice(('Sir or Madam', bill.buyer.name))},",
        "",
        rng.choice(
            (
                "For goods and services supplied we charge as follows:",
                "We charge you for:",
                "Please find our charges set out below.",
            )
        ),
        "",
        [f"{place}. {piece}" for place, piece in enumerate(pieces, 1)],
        "",
        f"This makes {pen.money(bill.net)}"
        + (f", plus {english.TAX[bill.region]} at {bill.tax}% ({pen.money(bill.tax_on_top)})" if bill.tax else "")
        + (f" and {pen.money(bill.shipping)} for carriage" if bill.shipping else "")
        + f", together {pen.money(bill.total)}.",
        "",
        english.payment(bill, pen, rng),
        "",
        "Yours faithfully",
        "",
        f"{bill.seller.bank} | {bill.seller.account} | {english.TAX_ID[bill.region]} {bill.seller.tax_id}",
    )


def _at(item: Item, pen: Pen) -> str:
    if item.quantity == 1:
        return pen.money(item.price)
    each = "each" if item.unit in ("", "pcs") else f"per {item.unit}"
    return f"{pen.money(item.price)} {each}: {pen.money(item.amount)}"


def hours(bill: Bill, pen: Pen, rng: Random) -> str:
    """A consultant's statement: '12.5 h à 95,00'."""
    a = rng.choice((" à ", " @ ", " x ", " at "))
    lines = [
        [item.what, f"{pen.count(item.quantity)} {item.unit}{a}{pen.plain(item.price)}", pen.plain(item.amount)]
        for item in bill.items
    ]
    start = bill.later(-rng.randint(28, 34))
    return stack(
        bill.seller.name,
        rng.choice((None, f"{bill.seller.street} / {bill.seller.town}")),
        "",
        f"{rng.choice(('FEE NOTE', 'Statement of services', 'INVOICE FOR SERVICES'))} {bill.number}",
        f"Client: {bill.buyer.name}",
        f"Period: {pen.day(start)} to {pen.day(bill.later(-2))}",
        f"{rng.choice(english.ISSUED)}: {pen.day(bill.issued)}",
        "",
        columns(lines, "llr", gap=3),
        "",
        f"Net fees: {pen.money(bill.net)}",
        f"{english.TAX[bill.region]} {bill.tax}%: {pen.money(bill.tax_on_top)}" if bill.tax else None,
        f"{rng.choice(english.TOTAL)}: {pen.money(bill.total)}",
        "",
        english.payment(bill, pen, rng),
    )


def workshop(bill: Bill, pen: Pen, rng: Random) -> str:
    wide = rng.choice((58, 64))
    plate = f"{rng.choice('KLMNP')}{rng.choice('ABCD')}{rng.randint(10, 99)} {''.join(rng.choices('QXZ', k=3))}"
    lines = [
        spread(f"{item.what}", f"{pen.count(item.quantity)} {item.unit or 'pc'}  x  {pen.money(item.price)}", wide)
        for item in bill.items
    ]
    return stack(
        spread(bill.seller.name, "WORKSHOP INVOICE", wide),
        spread(f"{bill.seller.street}, {bill.seller.town}", bill.seller.phone, wide),
        "-" * wide,
        f"Vehicle: {plate}   Mileage: {rng.randint(12000, 190000):,}   Job card {rng.randint(1000, 9999)}",
        f"Customer: {bill.buyer.name}",
        spread(f"Invoice {bill.number}", f"Date {pen.day(bill.issued)}", wide),
        f"Booked in {pen.day(bill.later(-1))}, next service due {pen.day(_year_after(bill.issued))}",
        "-" * wide,
        lines,
        "-" * wide,
        [spread(label, value, wide) for label, value in english.sums(bill, pen, rng)],
        "",
        rng.choice(
            (
                "Re-torque wheel nuts after 50 miles.",
                "Parts carry a 12 month guarantee.",
                "Advisory: rear pads at 4 mm.",
            )
        ),
    )


def hotel_folio(bill: Bill, pen: Pen, rng: Random) -> str:
    nights = max((item.quantity for item in bill.items if item.unit == "night"), default=Decimal(1))
    rows = [
        [item.what, f"{pen.count(item.quantity)} x {pen.plain(item.price)}", pen.plain(item.amount)]
        for item in bill.items
    ]
    return stack(
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town} | {bill.seller.phone}",
        "",
        f"Guest: {bill.buyer.name}    Room {rng.randint(101, 618)}",
        f"Arrival: {pen.day(bill.later(-int(nights)))}    Departure: {pen.day(bill.issued)}",
        f"Folio / invoice no. {bill.number}, issued {pen.day(bill.issued)}",
        f"Booking reference {bill.order}",
        "",
        columns([["Charge", "Qty x Rate", bill.currency], *rows], "lrr", gap=4),
        "",
        [f"{label}: {value}" for label, value in english.till_sums(bill, pen)],
        f"Total: {pen.money(english.paid(bill))}",
        rng.choice((f"Paid by card, {pen.money(english.paid(bill))}", "To be settled by your company.", None)),
        "We hope that you enjoyed your stay.",
    )


def meter(bill: Bill, pen: Pen, rng: Random) -> str:
    """Consumption: four decimals in the price, meter readings around the quantity."""
    first = rng.randint(10000, 60000)
    lines = [
        [
            item.what,
            f"{pen.count(item.quantity)}{english.unit_suffix(item)}",
            f"{pen.plain(item.price)} /{item.unit}",
            pen.money(item.amount),
        ]
        for item in bill.items
    ]
    return stack(
        f"{bill.seller.name} - your bill",
        "",
        f"Bill number {bill.number}",
        f"Account number {bill.customer}",
        f"Billing date {pen.day(bill.issued)}",
        f"For the period {pen.day(bill.later(-95))} - {pen.day(bill.later(-4))}",
        f"Supply address: {bill.buyer.name}, {bill.buyer.street}, {bill.buyer.town}",
        f"Meter {rng.choice('KE')}{rng.randint(100000, 999999)}: previous reading {first}, estimated",
        "",
        columns(lines, "lrrr", gap=2),
        "",
        [f"{label} {value}" for label, value in english.sums(bill, pen, rng)],
        f"We will collect {pen.money(bill.total)} by direct debit on or after {pen.day(bill.due)}.",
    )


def subscription(bill: Bill, pen: Pen, rng: Random) -> str:
    until = bill.later(rng.choice((30, 31)))
    return stack(
        bill.seller.name,
        rng.choice(("Invoice", "Your subscription invoice", "Billing statement")),
        "",
        f"Invoice number    {bill.number}",
        f"Date of issue     {pen.day(bill.issued)}",
        f"Date due          {pen.day(bill.due)}",
        f"Workspace         {bill.buyer.name}",
        "",
        f"{pen.money(bill.total)} due {pen.day(bill.due)}",
        "",
        [
            f"{item.what}\n{pen.day(bill.issued)} – {pen.day(until)}\n"
            f"{pen.count(item.quantity)}{english.unit_suffix(item)} × {pen.money(item.price)}"
            f"    {pen.money(item.amount)}"
            for item in bill.items
        ],
        "",
        [f"{label}    {value}" for label, value in english.sums(bill, pen, rng)],
        "",
        f"Your plan renews on {pen.day(until)}. Manage billing at {bill.seller.mail.split('@')[1]}/billing",
    )


def _year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=min(day.day, 28))


LAYOUTS = (
    Layout("letter", letter, "us uk ie nl", f"{GOODS} {SERVICES}", (1, 5)),
    Layout("hours", hours, "us uk ie nl", "hours", (1, 6)),
    Layout("workshop", workshop, "uk uk ie", "workshop", (2, 7)),
    Layout("hotel folio", hotel_folio, "us uk ie nl", "hotel", (1, 6)),
    Layout("meter reading", meter, "uk uk ie nl", "energy", (3, 5)),
    Layout("subscription", subscription, "us uk ie nl", "software", (1, 4)),
)
