"""Tables as invoice programs print them, and as PDF readers convert them to spaces, bars and tabs."""

from random import Random

from invoices import english
from invoices.bill import Bill
from invoices.layout import GOODS, SERVICES, WESTERN, Layout
from invoices.notation import LocaleFormat
from invoices.typesetting import columns, justify, pad, ragged_columns, side_by_side, stack, width


def column_table(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    write = rng.choice((fmt.amount, fmt.money))
    head = [
        "#",
        rng.choice(english.WHAT),
        rng.choice(english.QUANTITY),
        "Unit",
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    rows = [[str(position), item.what, fmt.quantity(item.quantity), item.unit, write(item.price), write(item.amount)]
            for position, item in enumerate(bill.items, 1)]  # fmt: skip
    kept_columns = [column for column in range(6) if rng.random() < 0.6 or column not in (0, 3)]
    rows = [[row[column] for column in kept_columns] for row in [head, *rows]]
    note = None if write == fmt.money else f"All amounts in {bill.currency}"
    return stack(
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}",
        "",
        english.heading(rng),
        [f"{label}: {value}" for label, value in english.details(bill, fmt, rng)],
        "",
        "Bill to:",
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        ragged_columns(rows, rng),
        note,
        "",
        [justify(" " * 30 + label, value, rng.randint(56, 64)) for label, value in english.sums(bill, fmt, rng)],
        "",
        english.payment_terms(bill, fmt, rng),
    )


def quantity_first(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Code and quantity precede the name."""
    head = [
        "Code",
        rng.choice(english.QUANTITY),
        rng.choice(english.WHAT),
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    rows = [
        [item.code, fmt.quantity(item.quantity), item.what, fmt.amount(item.price), fmt.amount(item.amount)]
        for item in bill.items
    ]
    table = columns([head, *rows], rng.choice(("lrlrr", "lllrr")), gap=rng.choice((1, 2, 3)))
    rule = rng.choice("-=_") * max(len(line) for line in table)
    left = [bill.seller.name, bill.seller.street, bill.seller.town, f"Tel {bill.seller.phone}"]
    right = [english.heading(rng), *(f"{label} {value}" for label, value in english.details(bill, fmt, rng))]
    return stack(
        side_by_side(left, right, gap=rng.randint(3, 12)),
        "",
        f"{rng.choice(('Sold to', 'Customer'))}: {bill.buyer.name}, {bill.buyer.street}, {bill.buyer.town}",
        "",
        table[0],
        rule,
        table[1:],
        rule,
        [justify("", f"{label} {value}", len(rule)) for label, value in english.sums(bill, fmt, rng)],
        "",
        english.payment_terms(bill, fmt, rng),
    )


def boxed_table(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    head = [
        rng.choice(english.WHAT),
        rng.choice(english.QUANTITY),
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    rows = [
        [
            item.what,
            fmt.quantity(item.quantity) + english.unit_suffix(item),
            fmt.money(item.price),
            fmt.money(item.amount),
        ]
        for item in bill.items
    ]
    widths = [max(map(width, column)) for column in zip(head, *rows, strict=True)]
    line = "+" + "+".join("-" * (line_width + 2) for line_width in widths) + "+"
    head, *rows = ["| " + " | ".join(map(pad, row, widths, "lrrr")) + " |" for row in (head, *rows)]
    return stack(
        f"{bill.seller.name} * {bill.seller.street} * {bill.seller.town}",
        f"{english.heading(rng)} {bill.number}     {fmt.day(bill.issued)}",
        f"For: {bill.buyer.name} (customer {bill.customer})",
        line,
        head,
        line,
        rows,
        line,
        [f"{label}: {value}" for label, value in english.sums(bill, fmt, rng)],
        english.payment_terms(bill, fmt, rng),
    )


def markdown(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    head = [
        rng.choice(english.WHAT),
        rng.choice(english.QUANTITY),
        rng.choice(english.PRICE),
        rng.choice(english.AMOUNT),
    ]
    rows = [
        [
            item.what,
            fmt.quantity(item.quantity) + english.unit_suffix(item),
            fmt.money(item.price),
            fmt.money(item.amount),
        ]
        for item in bill.items
    ]
    fields = [f"- **{label}:** {value}" for label, value in english.details(bill, fmt, rng)]
    return stack(
        rng.choice((f"# Invoice from {bill.seller.name}", f"## {bill.seller.name}\n\n### Invoice")),
        "",
        fields,
        f"- **{rng.choice(('Billed to', 'Customer', 'For'))}:** {bill.buyer.name}, {bill.buyer.town}",
        "",
        [f"| {' | '.join(row)} |" for row in [head, ["---", "---:", "---:", "---:"], *rows]],
        "",
        [f"{label}: {value}  " for label, value in english.sums(bill, fmt, rng)[:-1]],
        "**{}: {}**".format(*english.sums(bill, fmt, rng)[-1]),
        "",
        f"_{bill.seller.name}, {bill.seller.street}, {bill.seller.town} - {bill.seller.mail}_",
    )


def pasted_sheet(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Cells copied from a spreadsheet."""
    separator = rng.choice(("\t", "\t", ";"))
    rows = [
        [bill.seller.name, "", "", rng.choice(("INVOICE", "Invoice"))],
        [bill.seller.street, "", rng.choice(english.NUMBER), bill.number],
        [bill.seller.town, "", rng.choice(english.ISSUED), fmt.day(bill.issued)],
        ["", "", rng.choice(english.ORDER), bill.order],
        ["Bill to", bill.buyer.name, "", ""],
        ["", bill.buyer.town, "Currency", bill.currency],
        ["", "", "", ""],
        [rng.choice(english.WHAT), rng.choice(english.QUANTITY), rng.choice(english.PRICE), rng.choice(english.AMOUNT)],
        *(
            [item.what, fmt.quantity(item.quantity), fmt.amount(item.price), fmt.amount(item.amount)]
            for item in bill.items
        ),
        *(["", "", label, value] for label, value in english.sums(bill, fmt, rng)),
    ]
    return stack([separator.join(row) for row in rows])


LAYOUTS = (
    Layout("column table", column_table, WESTERN, f"{GOODS} {SERVICES}", (1, 9)),
    Layout("quantity first", quantity_first, WESTERN, GOODS, (2, 11)),
    Layout("boxed table", boxed_table, WESTERN, f"{GOODS} {SERVICES}", (1, 6)),
    Layout("markdown", markdown, WESTERN, f"{GOODS} {SERVICES}", (1, 6)),
    Layout("pasted sheet", pasted_sheet, WESTERN, f"{GOODS} {SERVICES}", (1, 8)),
)
