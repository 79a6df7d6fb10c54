"""Letters and trade-specific invoices: hours, repairs, hotel stays, meter readings, subscriptions."""

from datetime import date
from decimal import Decimal
from random import Random

from invoices import english
from invoices.bill import Bill, Item
from invoices.layout import GOODS, SERVICES, Layout
from invoices.notation import LocaleFormat
from invoices.typesetting import columns, justify, stack


def letter(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    item_texts = [
        f"{fmt.quantity(item.quantity)}{english.unit_suffix(item)} {item.what}, {_price_phrase(item, fmt)}"
        for item in bill.items
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
        " " * rng.choice((0, 36)) + fmt.day(bill.issued),
        "",
        f"{rng.choice(('Invoice', 'Invoice no.', 'Our invoice'))} {bill.number}",
        rng.choice((None, f"Your order {bill.order} of {fmt.day(bill.date_after(-rng.randint(4, 20)))}")),
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
        [f"{position}. {item_text}" for position, item_text in enumerate(item_texts, 1)],
        "",
        f"This makes {fmt.money(bill.net)}"
        + (
            f", plus {english.TAX[bill.region]} at {bill.tax_rate}% ({fmt.money(bill.tax_amount)})"
            if bill.tax_rate
            else ""
        )
        + (f" and {fmt.money(bill.shipping)} for carriage" if bill.shipping else "")
        + f", together {fmt.money(bill.total)}.",
        "",
        english.payment_terms(bill, fmt, rng),
        "",
        "Yours faithfully",
        "",
        f"{bill.seller.bank} | {bill.seller.account} | {english.TAX_ID[bill.region]} {bill.seller.tax_id}",
    )


def _price_phrase(item: Item, fmt: LocaleFormat) -> str:
    if item.quantity == 1:
        return fmt.money(item.price)
    each = "each" if item.unit in ("", "pcs") else f"per {item.unit}"
    return f"{fmt.money(item.price)} {each}: {fmt.money(item.amount)}"


def hours(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """A consultant's statement: '12.5 h à 95,00'."""
    a = rng.choice((" à ", " @ ", " x ", " at "))
    lines = [
        [item.what, f"{fmt.quantity(item.quantity)} {item.unit}{a}{fmt.amount(item.price)}", fmt.amount(item.amount)]
        for item in bill.items
    ]
    start = bill.date_after(-rng.randint(28, 34))
    return stack(
        bill.seller.name,
        rng.choice((None, f"{bill.seller.street} / {bill.seller.town}")),
        "",
        f"{rng.choice(('FEE NOTE', 'Statement of services', 'INVOICE FOR SERVICES'))} {bill.number}",
        f"Client: {bill.buyer.name}",
        f"Period: {fmt.day(start)} to {fmt.day(bill.date_after(-2))}",
        f"{rng.choice(english.ISSUED)}: {fmt.day(bill.issued)}",
        "",
        columns(lines, "llr", gap=3),
        "",
        f"Net fees: {fmt.money(bill.net)}",
        f"{english.TAX[bill.region]} {bill.tax_rate}%: {fmt.money(bill.tax_amount)}" if bill.tax_rate else None,
        f"{rng.choice(english.TOTAL)}: {fmt.money(bill.total)}",
        "",
        english.payment_terms(bill, fmt, rng),
    )


def workshop(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    line_width = rng.choice((58, 64))
    plate = f"{rng.choice('KLMNP')}{rng.choice('ABCD')}{rng.randint(10, 99)} {''.join(rng.choices('QXZ', k=3))}"
    lines = [
        justify(
            f"{item.what}", f"{fmt.quantity(item.quantity)} {item.unit or 'pc'}  x  {fmt.money(item.price)}", line_width
        )
        for item in bill.items
    ]
    return stack(
        justify(bill.seller.name, "WORKSHOP INVOICE", line_width),
        justify(f"{bill.seller.street}, {bill.seller.town}", bill.seller.phone, line_width),
        "-" * line_width,
        f"Vehicle: {plate}   Mileage: {rng.randint(12000, 190000):,}   Job card {rng.randint(1000, 9999)}",
        f"Customer: {bill.buyer.name}",
        justify(f"Invoice {bill.number}", f"Date {fmt.day(bill.issued)}", line_width),
        f"Booked in {fmt.day(bill.date_after(-1))}, next service due {fmt.day(_year_after(bill.issued))}",
        "-" * line_width,
        lines,
        "-" * line_width,
        [justify(label, value, line_width) for label, value in english.sums(bill, fmt, rng)],
        "",
        rng.choice(
            (
                "Re-torque wheel nuts after 50 miles.",
                "Parts carry a 12 month guarantee.",
                "Advisory: rear pads at 4 mm.",
            )
        ),
    )


def hotel_folio(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    nights = max((item.quantity for item in bill.items if item.unit == "night"), default=Decimal(1))
    rows = [
        [item.what, f"{fmt.quantity(item.quantity)} x {fmt.amount(item.price)}", fmt.amount(item.amount)]
        for item in bill.items
    ]
    return stack(
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town} | {bill.seller.phone}",
        "",
        f"Guest: {bill.buyer.name}    Room {rng.randint(101, 618)}",
        f"Arrival: {fmt.day(bill.date_after(-int(nights)))}    Departure: {fmt.day(bill.issued)}",
        f"Folio / invoice no. {bill.number}, issued {fmt.day(bill.issued)}",
        f"Booking reference {bill.order}",
        "",
        columns([["Charge", "Qty x Rate", bill.currency], *rows], "lrr", gap=4),
        "",
        [f"{label}: {value}" for label, value in english.receipt_sums(bill, fmt)],
        f"Total: {fmt.money(english.amount_paid(bill))}",
        rng.choice((f"Paid by card, {fmt.money(english.amount_paid(bill))}", "To be settled by your company.", None)),
        "We hope that you enjoyed your stay.",
    )


def meter(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Energy bill: prices with four decimals, meter readings as distractors."""
    first = rng.randint(10000, 60000)
    lines = [
        [
            item.what,
            f"{fmt.quantity(item.quantity)}{english.unit_suffix(item)}",
            f"{fmt.amount(item.price)} /{item.unit}",
            fmt.money(item.amount),
        ]
        for item in bill.items
    ]
    return stack(
        f"{bill.seller.name} - your bill",
        "",
        f"Bill number {bill.number}",
        f"Account number {bill.customer}",
        f"Billing date {fmt.day(bill.issued)}",
        f"For the period {fmt.day(bill.date_after(-95))} - {fmt.day(bill.date_after(-4))}",
        f"Supply address: {bill.buyer.name}, {bill.buyer.street}, {bill.buyer.town}",
        f"Meter {rng.choice('KE')}{rng.randint(100000, 999999)}: previous reading {first}, estimated",
        "",
        columns(lines, "lrrr", gap=2),
        "",
        [f"{label} {value}" for label, value in english.sums(bill, fmt, rng)],
        f"We will collect {fmt.money(bill.total)} by direct debit on or after {fmt.day(bill.due)}.",
    )


def subscription(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    until = bill.date_after(rng.choice((30, 31)))
    return stack(
        bill.seller.name,
        rng.choice(("Invoice", "Your subscription invoice", "Billing statement")),
        "",
        f"Invoice number    {bill.number}",
        f"Date of issue     {fmt.day(bill.issued)}",
        f"Date due          {fmt.day(bill.due)}",
        f"Workspace         {bill.buyer.name}",
        "",
        f"{fmt.money(bill.total)} due {fmt.day(bill.due)}",
        "",
        [
            f"{item.what}\n{fmt.day(bill.issued)} – {fmt.day(until)}\n"
            f"{fmt.quantity(item.quantity)}{english.unit_suffix(item)} × {fmt.money(item.price)}"
            f"    {fmt.money(item.amount)}"
            for item in bill.items
        ],
        "",
        [f"{label}    {value}" for label, value in english.sums(bill, fmt, rng)],
        "",
        f"Your plan renews on {fmt.day(until)}. Manage billing at {bill.seller.mail.split('@')[1]}/billing",
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
