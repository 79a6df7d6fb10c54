"""Parts below the lines of a training invoice: sums, notes, payment. None of it is asked for, but the currency."""

from invoices.training.sheet import Sheet
from invoices.typesetting import justify


def right(sheet: Sheet) -> list[str]:
    line_width = sheet.rng.choice((30, 40, 52))
    return [justify(label, value, line_width) for label, value in sheet.sums()]


def colons(sheet: Sheet) -> list[str]:
    return [f"{label}{sheet.colon}{value}" for label, value in sheet.sums()]


def one_line(sheet: Sheet) -> list[str]:
    return [sheet.pick(", ", " | ", " + ", "   ", "; ").join(f"{label} {value}" for label, value in sheet.sums())]


def total(sheet: Sheet) -> list[str]:
    label, value = sheet.sums()[-1]
    return [f"{sheet.pick('', '=> ', '** ', '-----' + chr(10))}{label}{sheet.colon}{value}"]


def bars(sheet: Sheet) -> list[str]:
    return [f"{'| ' * sheet.rng.randint(0, 2)}{label} | {value}" for label, value in sheet.sums()]


def value_first(sheet: Sheet) -> list[str]:
    return [f"{value}  {label}" for label, value in sheet.sums()]


def currency(sheet: Sheet) -> list[str]:
    """No sums: only what the prices are in."""
    return [sheet.labelled("currency", sheet.fmt.currency)]


def note(sheet: Sheet) -> list[str]:
    return [sheet.word("notes")] if sheet.chance(0.5) else []


def payment(sheet: Sheet) -> list[str]:
    seller, due = sheet.bill.seller, sheet.labelled("due", sheet.fmt.day(sheet.bill.due))
    lines = [
        f"{sheet.word('bank')}{sheet.colon}{seller.bank} {seller.account}",
        due if sheet.has_date else "",
        sheet.word("notes"),
    ]
    return [line for line in lines if line and sheet.chance(0.5)]
