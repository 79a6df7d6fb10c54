"""Text extracted from two-column PDF pages: labels and values separated, one cell per line."""

from random import Random

from invoices import english
from invoices.bill import Bill
from invoices.layout import GOODS, SERVICES, WESTERN, Layout
from invoices.notation import LocaleFormat
from invoices.typesetting import stack


def torn_columns(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Column by column: all names, then all quantities, then all prices."""
    fields = english.details(bill, fmt, rng)
    sums = english.sums(bill, fmt, rng)
    return stack(
        english.heading(rng),
        [label for label, _ in fields],
        [value for _, value in fields],
        bill.seller.name,
        bill.seller.street,
        bill.seller.town,
        rng.choice(("Bill to", "Customer", "Invoice to")),
        bill.buyer.name,
        bill.buyer.town,
        rng.choice(english.WHAT),
        [item.what for item in bill.items],
        rng.choice(english.QUANTITY),
        [fmt.quantity(item.quantity) for item in bill.items],
        rng.choice(english.PRICE),
        [fmt.amount(item.price) for item in bill.items],
        rng.choice(english.AMOUNT),
        [fmt.amount(item.amount) for item in bill.items],
        [label for label, _ in sums],
        [value for _, value in sums],
        english.payment_terms(bill, fmt, rng),
    )


def torn_rows(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Row by row with one cell per line; the seller's details from the page footer come last."""
    head = [
        rng.choice(english.WHAT),
        rng.choice(english.QUANTITY),
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    write = rng.choice((fmt.amount, fmt.money))
    return stack(
        f"Page 1 of {rng.choice((1, 1, 2))}",
        english.heading(rng),
        [f"{label}\n{value}" for label, value in english.details(bill, fmt, rng)],
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        head,
        [
            f"{item.what}\n{fmt.quantity(item.quantity)}\n{write(item.price)}\n{write(item.amount)}"
            for item in bill.items
        ],
        "",
        [f"{label}\n{value}" for label, value in english.sums(bill, fmt, rng)],
        "",
        bill.seller.name,
        f"{bill.seller.street} · {bill.seller.town} · {bill.seller.phone} · {bill.seller.mail}",
        f"{bill.seller.bank} · {bill.seller.account}",
    )


def crossed_columns(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Address and details were side by side, and extraction mixed them line by line."""
    left = [
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        f"Contact: {rng.choice(('front desk', 'purchasing', 'site office'))}",
    ]
    fields = [f"{label} {value}" for label, value in english.details(bill, fmt, rng)]
    crossed_lines = (
        [" ".join(pair) for pair in zip(left, fields, strict=False)] + left[len(fields) :] + fields[len(left) :]
    )
    lines = [
        f"{item.what} {fmt.quantity(item.quantity)} {fmt.money(item.price)} {fmt.money(item.amount)}"
        for item in bill.items
    ]
    return stack(
        f"{bill.seller.name} {english.heading(rng)}",
        f"{bill.seller.street} {bill.seller.town}",
        crossed_lines,
        " ".join(map(rng.choice, (english.WHAT, english.QUANTITY, english.PRICE, english.AMOUNT))),
        lines,
        [f"{label} {value}" for label, value in english.sums(bill, fmt, rng)],
        english.payment_terms(bill, fmt, rng),
    )


def record(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """One field per line, as in exports and web portals."""
    separator = rng.choice((": ", " = ", ":\t"))
    number, issued, seller_label = rng.choice((
        ("Invoice ID", "Invoice date", "Supplier"),
        ("DocumentNumber", "IssueDate", "SellerName"),
        ("invoice_no", "date", "vendor"),
    ))  # fmt: skip
    fields = [(seller_label, bill.seller.name), (number, bill.number), (issued, fmt.day(bill.issued)),
              ("Order", bill.order), ("Buyer", bill.buyer.name), ("Currency", bill.currency)]  # fmt: skip
    rng.shuffle(fields)
    return stack(
        [f"{label}{separator}{value}" for label, value in fields],
        [
            f"\nLine {position}\n  Item{separator}{item.what}"
            f"\n  Quantity{separator}{fmt.quantity(item.quantity)}{english.unit_suffix(item)}"
            f"\n  Unit price{separator}{fmt.amount(item.price)}\n  Line amount{separator}{fmt.amount(item.amount)}"
            for position, item in enumerate(bill.items, 1)
        ],
        "",
        [f"{label}{separator}{value}" for label, value in english.sums(bill, fmt, rng)],
    )


LAYOUTS = (
    Layout("torn columns", torn_columns, WESTERN, GOODS, (1, 5)),
    Layout("torn rows", torn_rows, WESTERN, f"{GOODS} {SERVICES}", (1, 5)),
    Layout("crossed columns", crossed_columns, WESTERN, f"{GOODS} {SERVICES}", (1, 6)),
    Layout("record", record, WESTERN, f"{GOODS} {SERVICES}", (1, 5)),
)
