"""Parts with the lines of a training invoice: what, quantity, price. Each returns lines."""

from invoices.bill import Item
from invoices.training.sheet import Sheet
from invoices.typesetting import columns, justify, ragged_columns

CLASSES = "餐饮服务 日用杂品 家具 运输服务 建筑服务 果类".split()


def table(sheet: Sheet) -> list[str]:
    """A table with its columns in any order and with others that are not asked for."""
    rows = cells(sheet)
    return sheet.rng.choice(
        (columns(rows, "l" * len(rows[0]), gap=sheet.rng.randint(1, 4)), ragged_columns(rows, sheet.rng))
    )


def bars(sheet: Sheet) -> list[str]:
    separator = sheet.pick(" | ", "|", " ¦ ")
    return [separator.join(row) for row in cells(sheet)]


def separated(sheet: Sheet) -> list[str]:
    separator = sheet.pick("\t", " ; ", "; ", " / ", " // ")
    return [separator.join(row) for row in cells(sheet)]


def headless(sheet: Sheet) -> list[str]:
    """A table without a head; its order tells what is what."""
    return ["  ".join(row) for row in cells(sheet)[1:]]


def cells(sheet: Sheet) -> list[list[str]]:
    """Head and rows; what, quantity and price always, code, tax rate and amount often."""
    write = sheet.rng.choice((sheet.fmt.amount, sheet.fmt.money))
    count = sheet.counted if sheet.chance(0.3) else lambda item: sheet.fmt.quantity(item.quantity)
    rate, has_class = f"{sheet.bill.tax_rate}%", sheet.fmt.language == "zh" and sheet.chance(0.15)
    shown = {
        "what": lambda item: f"*{sheet.rng.choice(CLASSES)}*{item.what}" if has_class else item.what,
        "quantity": lambda item: count(item),
        "unit": lambda item: item.unit or "-",
        "price": lambda item: write(item.price),
        "amount": lambda item: write(item.amount),
        "code": lambda item: item.code,
        "rate": lambda item: rate,
    }
    names = ["what", "quantity", "price"]
    names += [
        name for name, share in (("amount", 0.8), ("code", 0.2), ("unit", 0.3), ("rate", 0.12)) if sheet.chance(share)
    ]
    if sheet.chance(0.5):
        names.sort(key=["code", "quantity", "unit", "what", "price", "rate", "amount"].index)
    elif sheet.chance(0.5):
        sheet.rng.shuffle(names)
    return [[sheet.word(name) for name in names], *([shown[name](item) for name in names] for item in sheet.bill.items)]


def times(sheet: Sheet) -> list[str]:
    """`2 x Kettle @ 3.00 = 6.00`."""
    cross, at, mark = (
        sheet.pick(" x ", " × ", " ", " of "),
        sheet.pick(" @ ", " à ", ", ", " for "),
        sheet.pick("", "- ", "+ "),
    )
    end = sheet.pick(" = ", ": ", " -> ", "")
    return [
        f"{mark}{sheet.counted(item)}{cross}{item.what}{at}{sheet.fmt.money(item.price)}"
        + (f"{end}{sheet.fmt.money(item.amount)}" if end else "")
        for item in sheet.bill.items
    ]


def name_then_product(sheet: Sheet) -> list[str]:
    """`Kettle: 2 × 3.00`; one piece is not always counted."""
    cross, colon = sheet.pick(" x ", " × ", "*", " à "), sheet.pick(": ", " - ", " … ", ", ")
    return [f"{item.what}{colon}{once_or_times(sheet, item, cross)}" for item in sheet.bill.items]


def once_or_times(sheet: Sheet, item: Item, cross: str) -> str:
    price = sheet.fmt.money(item.price)
    return price if item.quantity == 1 and sheet.chance(0.7) else f"{sheet.counted(item)}{cross}{price}"


def two_rows(sheet: Sheet) -> list[str]:
    """The name, and below it quantity, price and amount."""
    line_width, cross = sheet.rng.choice((26, 32, 40)), sheet.pick(" x ", " @ ", "*", " X ")
    indent = " " * sheet.rng.randint(0, 6)
    rows = [
        (
            item.what,
            justify(
                f"{indent}{sheet.counted(item)}{cross}{sheet.fmt.amount(item.price)}",
                sheet.fmt.amount(item.amount),
                line_width,
            ),
        )
        for item in sheet.bill.items
    ]
    above = sheet.chance(0.75)
    return [line for row in rows for line in (row if above else row[::-1])]


def numbered(sheet: Sheet) -> list[str]:
    mark, each, money = sheet.pick(")", ".", ":", " -"), sheet.word("each"), sheet.fmt.money
    return [
        f"{place}{mark} {item.what}, {sheet.counted(item)}, {each} {money(item.price)}, {money(item.amount)}"
        for place, item in enumerate(sheet.bill.items, 1)
    ]


def blocks(sheet: Sheet) -> list[str]:
    """A label before each value, a blank line between the items."""
    what, quantity, price, amount = (sheet.word(name) for name in ("what", "quantity", "price", "amount"))
    lines: list[str] = []
    for item in sheet.bill.items:
        lines += [
            f"{what}{sheet.colon}{item.what}",
            f"{quantity}{sheet.colon}{sheet.counted(item)}",
            f"{price}{sheet.colon}{sheet.fmt.money(item.price)}",
        ]
        lines += [f"{amount}{sheet.colon}{sheet.fmt.money(item.amount)}"] if sheet.chance(0.4) else []
        lines += ["---" if sheet.chance(0.2) else ""]
    return lines[:-1]


def leaders(sheet: Sheet) -> list[str]:
    """Dots up to the amount, the price of a piece in brackets."""
    line_width, fill = sheet.rng.choice((30, 36, 48)), sheet.pick(".", "·", "-", "_")
    return [
        justify(
            f"{item.what} ({once_or_times(sheet, item, ' x ')}) ", f" {sheet.fmt.amount(item.amount)}", line_width, fill
        )
        for item in sheet.bill.items
    ]


def bracketed(sheet: Sheet) -> list[str]:
    return [f"[{sheet.counted(item)}] {item.what} / {sheet.fmt.money(item.price)}" for item in sheet.bill.items]


def price_first(sheet: Sheet) -> list[str]:
    return [
        f"{sheet.fmt.money(item.price)}  {item.what}  x{sheet.fmt.quantity(item.quantity)}" for item in sheet.bill.items
    ]


def keyed(sheet: Sheet) -> list[str]:
    """Fields as a program exports them."""
    quote, equals, fmt = sheet.pick('"', "'", ""), sheet.pick("=", ": "), sheet.fmt
    keys = [sheet.word(name).lower().replace(" ", "_") + equals for name in ("what", "quantity", "price")]
    values = (
        (f"{quote}{item.what}{quote}", fmt.quantity(item.quantity), fmt.amount(item.price)) for item in sheet.bill.items
    )
    return [", ".join(map("".join, zip(keys, row, strict=True))) for row in values]


def by_column(sheet: Sheet) -> list[str]:
    """One row for each column: all names, all quantities, all prices."""
    separator = sheet.pick(" | ", "; ", "   ")
    columns_of = {
        "what": [item.what for item in sheet.bill.items],
        "quantity": [sheet.fmt.quantity(item.quantity) for item in sheet.bill.items],
        "price": [sheet.fmt.amount(item.price) for item in sheet.bill.items],
    }
    return [f"{sheet.word(name)}{sheet.colon}{separator.join(values)}" for name, values in columns_of.items()]


def dated(sheet: Sheet) -> list[str]:
    """Each line with the day of the service."""
    bill, fmt = sheet.bill, sheet.fmt
    days = sorted(sheet.rng.sample(range(-24, 0), len(bill.items)))
    separator = sheet.pick("  ", " ", "\t", " | ")
    return [
        separator.join(
            (
                fmt.day(bill.date_after(day)),
                item.what,
                sheet.counted(item),
                fmt.amount(item.price),
                fmt.amount(item.amount),
            )
        )
        for day, item in zip(days, bill.items, strict=True)
    ]
