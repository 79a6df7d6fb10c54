"""Two-column pages after a PDF reader: labels in one heap, values in another, cells one below the other."""

from random import Random

from invoices import english
from invoices.bill import Bill
from invoices.layout import GOODS, SERVICES, WESTERN, Layout
from invoices.notation import Pen
from invoices.typesetting import stack


def torn_columns(bill: Bill, pen: Pen, rng: Random) -> str:
    """Column after column: all names, then all quantities, then all prices."""
    facts = english.details(bill, pen, rng)
    sums = english.sums(bill, pen, rng)
    return stack(
        english.heading(rng),
        [label for label, _ in facts],
        [value for _, value in facts],
        bill.seller.name,
        bill.seller.street,
        bill.seller.town,
        rng.choice(("Bill to", "Customer", "Invoice to")),
        bill.buyer.name,
        bill.buyer.town,
        rng.choice(english.WHAT),
        [item.what for item in bill.items],
        rng.choice(english.QUANTITY),
        [pen.count(item.quantity) for item in bill.items],
        rng.choice(english.PRICE),
        [pen.plain(item.price) for item in bill.items],
        rng.choice(english.AMOUNT),
        [pen.plain(item.amount) for item in bill.items],
        [label for label, _ in sums],
        [value for _, value in sums],
        english.payment(bill, pen, rng),
    )


def torn_rows(bill: Bill, pen: Pen, rng: Random) -> str:
    """Row after row, each cell a line; the letterhead comes last, as it stood in the page's foot."""
    head = [
        rng.choice(english.WHAT),
        rng.choice(english.QUANTITY),
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    write = rng.choice((pen.plain, pen.money))
    return stack(
        f"Page 1 of {rng.choice((1, 1, 2))}",
        english.heading(rng),
        [f"{label}\n{value}" for label, value in english.details(bill, pen, rng)],
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        head,
        [f"{item.what}\n{pen.count(item.quantity)}\n{write(item.price)}\n{write(item.amount)}" for item in bill.items],
        "",
        [f"{label}\n{value}" for label, value in english.sums(bill, pen, rng)],
        "",
        bill.seller.name,
        f"{bill.seller.street} · {bill.seller.town} · {bill.seller.phone} · {bill.seller.mail}",
        f"{bill.seller.bank} · {bill.seller.account}",
    )


def crossed_columns(bill: Bill, pen: Pen, rng: Random) -> str:
    """Address and details stood side by side, and the reader has crossed them line by line."""
    left = [
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        f"Contact: {rng.choice(('front desk', 'purchasing', 'site office'))}",
    ]
    facts = [f"{label} {value}" for label, value in english.details(bill, pen, rng)]
    crossed = [" ".join(pair) for pair in zip(left, facts, strict=False)] + left[len(facts) :] + facts[len(left) :]
    lines = [
        f"{item.what} {pen.count(item.quantity)} {pen.money(item.price)} {pen.money(item.amount)}"
        for item in bill.items
    ]
    return stack(
        f"{bill.seller.name} {english.heading(rng)}",
        f"{bill.seller.street} {bill.seller.town}",
        crossed,
        " ".join(map(rng.choice, (english.WHAT, english.QUANTITY, english.PRICE, english.AMOUNT))),
        lines,
        [f"{label} {value}" for label, value in english.sums(bill, pen, rng)],
        english.payment(bill, pen, rng),
    )


def record(bill: Bill, pen: Pen, rng: Random) -> str:
    """One fact a line, as exports and portals show it."""
    mark = rng.choice((": ", " = ", ":\t"))
    number, issued, house = rng.choice((
        ("Invoice ID", "Invoice date", "Supplier"),
        ("DocumentNumber", "IssueDate", "SellerName"),
        ("invoice_no", "date", "vendor"),
    ))  # fmt: skip
    facts = [(house, bill.seller.name), (number, bill.number), (issued, pen.day(bill.issued)), ("Order", bill.order),
             ("Buyer", bill.buyer.name), ("Currency", bill.currency)]  # fmt: skip
    rng.shuffle(facts)
    return stack(
        [f"{label}{mark}{value}" for label, value in facts],
        [
            f"\nLine {place}\n  Item{mark}{item.what}"
            f"\n  Quantity{mark}{pen.count(item.quantity)}{english.unit_suffix(item)}"
            f"\n  Unit price{mark}{pen.plain(item.price)}\n  Line amount{mark}{pen.plain(item.amount)}"
            for place, item in enumerate(bill.items, 1)
        ],
        "",
        [f"{label}{mark}{value}" for label, value in english.sums(bill, pen, rng)],
    )


LAYOUTS = (
    Layout("torn columns", torn_columns, WESTERN, GOODS, (1, 5)),
    Layout("torn rows", torn_rows, WESTERN, f"{GOODS} {SERVICES}", (1, 5)),
    Layout("crossed columns", crossed_columns, WESTERN, f"{GOODS} {SERVICES}", (1, 6)),
    Layout("record", record, WESTERN, f"{GOODS} {SERVICES}", (1, 5)),
)
