"""Tables as invoice programs print them, and as PDF readers convert them to spaces, bars and tabs."""

from random import Random

from invoices import english
from invoices.bill import Bill
from invoices.layout import GOODS, SERVICES, WESTERN, Layout
from invoices.notation import Pen
from invoices.typesetting import columns, pad, ragged, side_by_side, spread, stack, width


def column_table(bill: Bill, pen: Pen, rng: Random) -> str:
    write = rng.choice((pen.plain, pen.money))
    head = [
        "#",
        rng.choice(english.WHAT),
        rng.choice(english.QUANTITY),
        "Unit",
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    rows = [[str(place), item.what, pen.count(item.quantity), item.unit, write(item.price), write(item.amount)]
            for place, item in enumerate(bill.items, 1)]  # fmt: skip
    keep = [column for column in range(6) if rng.random() < 0.6 or column not in (0, 3)]
    rows = [[row[column] for column in keep] for row in [head, *rows]]
    note = None if write == pen.money else f"All amounts in {bill.currency}"
    return stack(
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}",
        "",
        english.heading(rng),
        [f"{label}: {value}" for label, value in english.details(bill, pen, rng)],
        "",
        "Bill to:",
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        ragged(rows, rng),
        note,
        "",
        [spread(" " * 30 + label, value, rng.randint(56, 64)) for label, value in english.sums(bill, pen, rng)],
        "",
        english.payment(bill, pen, rng),
    )


def quantity_first(bill: Bill, pen: Pen, rng: Random) -> str:
    """Code and quantity stand before the name, as merchants print it."""
    head = [
        "Code",
        rng.choice(english.QUANTITY),
        rng.choice(english.WHAT),
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    rows = [
        [item.code, pen.count(item.quantity), item.what, pen.plain(item.price), pen.plain(item.amount)]
        for item in bill.items
    ]
    table = columns([head, *rows], rng.choice(("lrlrr", "lllrr")), gap=rng.choice((1, 2, 3)))
    rule = rng.choice("-=_") * max(len(line) for line in table)
    left = [bill.seller.name, bill.seller.street, bill.seller.town, f"Tel {bill.seller.phone}"]
    right = [english.heading(rng), *(f"{label} {value}" for label, value in english.details(bill, pen, rng))]
    return stack(
        side_by_side(left, right, gap=rng.randint(3, 12)),
        "",
        f"{rng.choice(('Sold to', 'Customer'))}: {bill.buyer.name}, {bill.buyer.street}, {bill.buyer.town}",
        "",
        table[0],
        rule,
        table[1:],
        rule,
        [spread("", f"{label} {value}", len(rule)) for label, value in english.sums(bill, pen, rng)],
        "",
        english.payment(bill, pen, rng),
    )


def boxed(bill: Bill, pen: Pen, rng: Random) -> str:
    head = [
        rng.choice(english.WHAT),
        rng.choice(english.QUANTITY),
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    rows = [
        [
            item.what,
            pen.count(item.quantity) + english.unit_suffix(item),
            pen.money(item.price),
            pen.money(item.amount),
        ]
        for item in bill.items
    ]
    widths = [max(map(width, column)) for column in zip(head, *rows, strict=True)]
    line = "+" + "+".join("-" * (wide + 2) for wide in widths) + "+"
    head, *rows = ["| " + " | ".join(map(pad, row, widths, "lrrr")) + " |" for row in (head, *rows)]
    return stack(
        f"{bill.seller.name} * {bill.seller.street} * {bill.seller.town}",
        f"{english.heading(rng)} {bill.number}     {pen.day(bill.issued)}",
        f"For: {bill.buyer.name} (customer {bill.customer})",
        line,
        head,
        line,
        rows,
        line,
        [f"{label}: {value}" for label, value in english.sums(bill, pen, rng)],
        english.payment(bill, pen, rng),
    )


def markdown(bill: Bill, pen: Pen, rng: Random) -> str:
    head = [
        rng.choice(english.WHAT),
        rng.choice(english.QUANTITY),
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    rows = [
        [
            item.what,
            pen.count(item.quantity) + english.unit_suffix(item),
            pen.money(item.price),
            pen.money(item.amount),
        ]
        for item in bill.items
    ]
    facts = [f"- **{label}:** {value}" for label, value in english.details(bill, pen, rng)]
    return stack(
        rng.choice((f"# Invoice from {bill.seller.name}", f"## {bill.seller.name}\n\n### Invoice")),
        "",
        facts,
        f"- **{rng.choice(('Billed to', 'Customer', 'For'))}:** {bill.buyer.name}, {bill.buyer.town}",
        "",
        [f"| {' | '.join(row)} |" for row in [head, ["---", "---:", "---:", "---:"], *rows]],
        "",
        [f"{label}: {value}  " for label, value in english.sums(bill, pen, rng)[:-1]],
        "**{}: {}**".format(*english.sums(bill, pen, rng)[-1]),
        "",
        f"_{bill.seller.name}, {bill.seller.street}, {bill.seller.town} - {bill.seller.mail}_",
    )


def pasted_sheet(bill: Bill, pen: Pen, rng: Random) -> str:
    """Cells copied out of a spreadsheet."""
    mark = rng.choice(("\t", "\t", ";"))
    rows = [
        [bill.seller.name, "", "", rng.choice(("INVOICE", "Invoice"))],
        [bill.seller.street, "", rng.choice(english.NUMBER), bill.number],
        [bill.seller.town, "", rng.choice(english.ISSUED), pen.day(bill.issued)],
        ["", "", rng.choice(english.ORDER), bill.order],
        ["Bill to", bill.buyer.name, "", ""],
        ["", bill.buyer.town, "Currency", bill.currency],
        ["", "", "", ""],
        [rng.choice(english.WHAT), rng.choice(english.QUANTITY), rng.choice(english.PRICE), rng.choice(english.AMOUNT)],
        *([item.what, pen.count(item.quantity), pen.plain(item.price), pen.plain(item.amount)] for item in bill.items),
        *(["", "", label, value] for label, value in english.sums(bill, pen, rng)),
    ]
    return stack([mark.join(row) for row in rows])


LAYOUTS = (
    Layout("column table", column_table, WESTERN, f"{GOODS} {SERVICES}", (1, 9)),
    Layout("quantity first", quantity_first, WESTERN, GOODS, (2, 11)),
    Layout("boxed table", boxed, WESTERN, f"{GOODS} {SERVICES}", (1, 6)),
    Layout("markdown", markdown, WESTERN, f"{GOODS} {SERVICES}", (1, 6)),
    Layout("pasted sheet", pasted_sheet, WESTERN, f"{GOODS} {SERVICES}", (1, 8)),
)
