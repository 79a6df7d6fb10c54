"""Parts that name the seller and the buyer of a training invoice. Each returns lines."""

from invoices.training.sheet import Sheet
from invoices.typesetting import center, justify, width


def letterhead(sheet: Sheet) -> list[str]:
    seller = sheet.bill.seller
    more = sheet.rng.sample([seller.street, seller.town, seller.phone, seller.mail], sheet.rng.randint(0, 2))
    return present([seller.name, *more, *heading(sheet, 0.6)])


def one_line(sheet: Sheet) -> list[str]:
    seller = sheet.bill.seller
    separator = sheet.pick(" · ", " | ", ", ", " / ", " – ", "   ")
    return [separator.join(present([seller.name, seller.street, seller.town])), *heading(sheet, 0.7)]


def centered(sheet: Sheet) -> list[str]:
    line_width = sheet.rng.choice((28, 34, 44))
    lines = [
        sheet.bill.seller.name,
        sheet.pick(sheet.bill.seller.phone, sheet.bill.seller.street),
        *heading(sheet, 0.5),
    ]
    return [center(line, line_width) for line in present(lines)]


def at_the_right(sheet: Sheet) -> list[str]:
    """The heading left, the seller right."""
    line_width = sheet.rng.choice((40, 52, 64))
    seller = sheet.bill.seller
    lines = [justify(sheet.word("heading"), seller.name, line_width)]
    return [
        *lines,
        *(
            " " * max(0, line_width - width(line)) + line
            for line in (seller.street, seller.town)[: sheet.rng.randint(0, 2)]
        ),
    ]


def labelled_seller(sheet: Sheet) -> list[str]:
    name = sheet.bill.seller.name
    return [*heading(sheet, 0.7), *([sheet.labelled("seller", name)] if name else [])]


def ruled(sheet: Sheet) -> list[str]:
    rule = sheet.pick("=", "~", "_", "#", "*-") * sheet.rng.randint(10, 30)
    return [rule, *present([sheet.bill.seller.name, *heading(sheet, 0.8)]), rule]


def framed(sheet: Sheet) -> list[str]:
    text = f" {sheet.bill.seller.name or sheet.word('heading')} "
    edge = "+" + "-" * width(text) + "+"
    return [edge, f"|{text}|", edge, *heading(sheet, 0.5)]


def from_to(sheet: Sheet) -> list[str]:
    seller, buyer = sheet.bill.seller, sheet.bill.buyer
    lines = [sheet.labelled("seller", seller.name)] if seller.name else []
    lines.append(sheet.labelled("buyer", sheet.pick(buyer.name, f"{buyer.name}, {buyer.town}")))
    return [*heading(sheet, 0.5), *(lines if sheet.chance(0.6) else lines[::-1])]


def title_first(sheet: Sheet) -> list[str]:
    seller = sheet.bill.seller
    by = {"en": "by ", "de": "von ", "zh": "出具方 "}[sheet.fmt.language]
    return [
        sheet.word("heading"),
        *([by + seller.name] if seller.name else []),
        *sheet.rng.sample([seller.town], sheet.rng.randint(0, 1)),
    ]


def contact_card(sheet: Sheet) -> list[str]:
    seller = sheet.bill.seller
    phone = {"en": "Tel. ", "de": "Tel. ", "zh": "电话 "}[sheet.fmt.language] + seller.phone
    return present([seller.name, phone, seller.mail])


def buyer_block(sheet: Sheet) -> list[str]:
    buyer = sheet.bill.buyer
    return [
        f"{sheet.word('buyer')}{sheet.colon}".rstrip(" -"),
        buyer.name,
        *sheet.rng.sample([buyer.street], sheet.rng.randint(0, 1)),
        buyer.town,
    ]


def buyer_line(sheet: Sheet) -> list[str]:
    return [sheet.labelled("buyer", sheet.bill.buyer.name)] if sheet.chance(0.8) else []


def signature(sheet: Sheet) -> list[str]:
    """The seller's name at the foot, as the only place where it stands."""
    stamp = {
        "en": ("Signed, ", "", "for ", "Issued by "),
        "de": ("gez. ", "", "Stempel: "),
        "zh": ("盖章：", "", "收款单位："),
    }
    name = sheet.bill.seller.name
    return [sheet.pick(*stamp[sheet.fmt.language]) + name] if name else []


def heading(sheet: Sheet, probability: float) -> list[str]:
    return [sheet.word("heading")] if sheet.chance(probability) else []


def present(lines: list[str]) -> list[str]:
    return [line for line in lines if line]
