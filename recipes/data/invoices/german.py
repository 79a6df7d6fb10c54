"""German invoices: commas for decimals, MwSt., Kassenbons and craftsmen's letters."""

from random import Random

from invoices.bill import Bill, Item
from invoices.layout import Layout
from invoices.notation import Pen
from invoices.typesetting import centred, columns, ragged, spread, stack

GOODS = "stationery garden bicycles building"


def table(bill: Bill, pen: Pen, rng: Random) -> str:
    head = [
        "Pos.",
        rng.choice(("Bezeichnung", "Artikel", "Leistung")),
        "Menge",
        "Einheit",
        rng.choice(("Einzelpreis", "EP", "Preis/Einh.")),
        rng.choice(("Gesamt", "GP", "Betrag")),
    ]
    rows = [[str(place), item.what, pen.count(item.quantity), item.unit, pen.plain(item.price), pen.plain(item.amount)]
            for place, item in enumerate(bill.items, 1)]  # fmt: skip
    return stack(
        f"{bill.seller.name} · {bill.seller.street} · {bill.seller.town}",
        "",
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        rng.choice(("Rechnung", "RECHNUNG")),
        f"Rechnungs-Nr.: {bill.number}",
        f"{rng.choice(('Rechnungsdatum', 'Datum'))}: {pen.day(bill.issued)}",
        rng.choice((None, f"Lieferdatum: {pen.day(bill.later(-3))}", "Leistungsdatum entspricht Rechnungsdatum")),
        f"Kundennummer: {bill.customer}   Bestellung: {bill.order}",
        "",
        rng.choice((ragged([head, *rows], rng), columns([head, *rows], "llrlrr"))),
        "",
        _sums(bill, pen),
        "",
        f"Zahlbar ohne Abzug bis {pen.day(bill.due)}. {bill.seller.account}, {bill.seller.bank}",
        f"USt-IdNr. {bill.seller.tax_id}",
    )


def till_slip(bill: Bill, pen: Pen, rng: Random) -> str:
    wide = rng.choice((32, 36))
    return stack(
        centred(bill.seller.name, wide),
        centred(bill.seller.street, wide),
        centred(bill.seller.town, wide),
        "",
        f"Bon-Nr. {bill.number}",
        f"{pen.day(bill.issued)} {rng.randint(8, 19)}:{rng.randint(10, 59)}  Kasse {rng.randint(1, 4)}",
        spread("", "EUR", wide),
        [_rung(item, pen, wide) for item in bill.items],
        "-" * wide,
        spread("SUMME", pen.money(bill.net), wide),
        spread(rng.choice(("Girocard", "Bar", "Karte")), pen.plain(bill.net), wide),
        f"enth. MwSt {bill.tax}%: {pen.plain(bill.tax_inside)}",
        f"St.-Nr. 00/{rng.randint(100, 999)}/0{rng.randint(1000, 9999)}",
        centred("Vielen Dank für Ihren Einkauf!", wide),
    )


def _rung(item: Item, pen: Pen, wide: int) -> str:
    line = spread(item.what, f"{pen.plain(item.amount)} A", wide)
    if item.quantity == 1:
        return line
    unit = f" {item.unit}" if item.unit else ""
    return f"  {pen.count(item.quantity)}{unit} x {pen.plain(item.price)}\n{line}"


def craft(bill: Bill, pen: Pen, rng: Random) -> str:
    lines = [
        f"{pen.count(item.quantity)} {item.unit} {item.what} à {pen.money(item.price)} = {pen.money(item.amount)}"
        for item in bill.items
    ]
    return stack(
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}, Tel. {bill.seller.phone}",
        "",
        spread(bill.buyer.name, pen.day(bill.issued), 60),
        bill.buyer.street,
        bill.buyer.town,
        "",
        f"Rechnung Nr. {bill.number}",
        f"Ausgeführt am {pen.day(bill.later(-rng.randint(2, 12)))}, Auftrag {bill.order}",
        "",
        rng.choice(("Sehr geehrte Damen und Herren,", "Guten Tag,")),
        "für die ausgeführten Arbeiten berechnen wir:",
        "",
        lines,
        "",
        _sums(bill, pen),
        "",
        "Lohnanteil nach § 35a EStG auf Anfrage. Bitte überweisen Sie innerhalb von 10 Tagen.",
        bill.seller.account,
    )


def order_mail(bill: Bill, pen: Pen, rng: Random) -> str:
    lines = [f"{pen.count(item.quantity)} x {item.what}\n    je {pen.money(item.price)}" for item in bill.items]
    return stack(
        f"Betreff: Ihre Rechnung {bill.number}",
        "",
        f"Hallo {bill.buyer.name},",
        "",
        f"vielen Dank für Ihre Bestellung {bill.order} vom {pen.day(bill.later(-2))}.",
        f"Heute, am {pen.day(bill.issued)}, haben wir sie verschickt; diese Mail ist zugleich Ihre Rechnung.",
        "",
        lines,
        "",
        f"Versand: {pen.money(bill.shipping)}" if bill.shipping else "Versand: kostenfrei",
        f"Gesamtbetrag inkl. {bill.tax} % MwSt.: {pen.money(bill.net + bill.shipping)}",
        "",
        rng.choice(("Viele Grüße", "Herzliche Grüße", "Ihr Team von")),
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}",
    )


def _sums(bill: Bill, pen: Pen) -> list[str]:
    return [
        f"Summe netto: {pen.money(bill.net)}",
        *([f"Versandkosten: {pen.money(bill.shipping)}"] if bill.shipping else []),
        f"zzgl. {bill.tax} % MwSt.: {pen.money(bill.tax_on_top)}",
        f"Rechnungsbetrag: {pen.money(bill.total)}",
    ]


LAYOUTS = (
    Layout("Rechnung", table, "de", f"{GOODS} hours craft software", (1, 8)),
    Layout("Kassenbon", till_slip, "de", "grocery cafe", (1, 8), kind="slip"),
    Layout("Handwerkerbrief", craft, "de", "craft", (2, 6)),
    Layout("Bestellmail", order_mail, "de", GOODS, (1, 4)),
)
