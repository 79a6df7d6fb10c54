"""German invoices: tables, receipts (Kassenbon), letters of craftsmen, order mails."""

from random import Random

from invoices.bill import Bill, Item
from invoices.layout import Layout
from invoices.notation import LocaleFormat
from invoices.typesetting import center, columns, justify, ragged_columns, stack

GOODS = "stationery garden bicycles building"


def invoice_table(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    head = [
        "Pos.",
        rng.choice(("Bezeichnung", "Artikel", "Leistung")),
        "Menge",
        "Einheit",
        rng.choice(("Einzelpreis", "EP", "Preis/Einh.")),
        rng.choice(("Gesamt", "GP", "Betrag")),
    ]
    rows = [[str(position), item.what, fmt.quantity(item.quantity), item.unit, fmt.amount(item.price),
             fmt.amount(item.amount)]
            for position, item in enumerate(bill.items, 1)]  # fmt: skip
    return stack(
        f"{bill.seller.name} · {bill.seller.street} · {bill.seller.town}",
        "",
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        rng.choice(("Rechnung", "RECHNUNG")),
        f"Rechnungs-Nr.: {bill.number}",
        f"{rng.choice(('Rechnungsdatum', 'Datum'))}: {fmt.day(bill.issued)}",
        rng.choice((None, f"Lieferdatum: {fmt.day(bill.date_after(-3))}", "Leistungsdatum entspricht Rechnungsdatum")),
        f"Kundennummer: {bill.customer}   Bestellung: {bill.order}",
        "",
        rng.choice((ragged_columns([head, *rows], rng), columns([head, *rows], "llrlrr"))),
        "",
        _sums(bill, fmt),
        "",
        f"Zahlbar ohne Abzug bis {fmt.day(bill.due)}. {bill.seller.account}, {bill.seller.bank}",
        f"USt-IdNr. {bill.seller.tax_id}",
    )


def till_slip(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    line_width = rng.choice((32, 36))
    return stack(
        center(bill.seller.name, line_width),
        center(bill.seller.street, line_width),
        center(bill.seller.town, line_width),
        "",
        f"Bon-Nr. {bill.number}",
        f"{fmt.day(bill.issued)} {rng.randint(8, 19)}:{rng.randint(10, 59)}  Kasse {rng.randint(1, 4)}",
        justify("", "EUR", line_width),
        [_item_line(item, fmt, line_width) for item in bill.items],
        "-" * line_width,
        justify("SUMME", fmt.money(bill.net), line_width),
        justify(rng.choice(("Girocard", "Bar", "Karte")), fmt.amount(bill.net), line_width),
        f"enth. MwSt {bill.tax_rate}%: {fmt.amount(bill.tax_included)}",
        f"St.-Nr. 00/{rng.randint(100, 999)}/0{rng.randint(1000, 9999)}",
        center("Vielen Dank für Ihren Einkauf!", line_width),
    )


def _item_line(item: Item, fmt: LocaleFormat, line_width: int) -> str:
    line = justify(item.what, f"{fmt.amount(item.amount)} A", line_width)
    if item.quantity == 1:
        return line
    unit = f" {item.unit}" if item.unit else ""
    return f"  {fmt.quantity(item.quantity)}{unit} x {fmt.amount(item.price)}\n{line}"


def craftsman_invoice(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    lines = [
        f"{fmt.quantity(item.quantity)} {item.unit} {item.what} à {fmt.money(item.price)} = {fmt.money(item.amount)}"
        for item in bill.items
    ]
    return stack(
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}, Tel. {bill.seller.phone}",
        "",
        justify(bill.buyer.name, fmt.day(bill.issued), 60),
        bill.buyer.street,
        bill.buyer.town,
        "",
        f"Rechnung Nr. {bill.number}",
        f"Ausgeführt am {fmt.day(bill.date_after(-rng.randint(2, 12)))}, Auftrag {bill.order}",
        "",
        rng.choice(("Sehr geehrte Damen und Herren,", "Guten Tag,")),
        "für die ausgeführten Arbeiten berechnen wir:",
        "",
        lines,
        "",
        _sums(bill, fmt),
        "",
        "Lohnanteil nach § 35a EStG auf Anfrage. Bitte überweisen Sie innerhalb von 10 Tagen.",
        bill.seller.account,
    )


def order_mail(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    lines = [f"{fmt.quantity(item.quantity)} x {item.what}\n    je {fmt.money(item.price)}" for item in bill.items]
    return stack(
        f"Betreff: Ihre Rechnung {bill.number}",
        "",
        f"Hallo {bill.buyer.name},",
        "",
        f"vielen Dank für Ihre Bestellung {bill.order} vom {fmt.day(bill.date_after(-2))}.",
        f"Heute, am {fmt.day(bill.issued)}, haben wir sie verschickt; diese Mail ist zugleich Ihre Rechnung.",
        "",
        lines,
        "",
        f"Versand: {fmt.money(bill.shipping)}" if bill.shipping else "Versand: kostenfrei",
        f"Gesamtbetrag inkl. {bill.tax_rate} % MwSt.: {fmt.money(bill.net + bill.shipping)}",
        "",
        rng.choice(("Viele Grüße", "Herzliche Grüße", "Ihr Team von")),
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}",
    )


def _sums(bill: Bill, fmt: LocaleFormat) -> list[str]:
    return [
        f"Summe netto: {fmt.money(bill.net)}",
        *([f"Versandkosten: {fmt.money(bill.shipping)}"] if bill.shipping else []),
        f"zzgl. {bill.tax_rate} % MwSt.: {fmt.money(bill.tax_amount)}",
        f"Rechnungsbetrag: {fmt.money(bill.total)}",
    ]


LAYOUTS = (
    Layout("Rechnung", invoice_table, "de", f"{GOODS} hours craft software", (1, 8)),
    Layout("Kassenbon", till_slip, "de", "grocery cafe", (1, 8), kind="slip"),
    Layout("Handwerkerbrief", craftsman_invoice, "de", "craft", (2, 6)),
    Layout("Bestellmail", order_mail, "de", GOODS, (1, 4)),
)
