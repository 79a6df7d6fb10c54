"""What English-speaking invoices call things, and the sums under their lines."""

from decimal import Decimal
from random import Random

from invoices.bill import SHIPPED, Bill, Item
from invoices.notation import Pen
from invoices.parties import PEOPLE

TAX = {"us": "Sales tax", "uk": "VAT", "ie": "VAT", "nl": "BTW", "cn-en": "VAT"}
TAX_ID = {"us": "EIN", "uk": "VAT Reg No", "ie": "VAT no.", "nl": "BTW-nr.", "cn-en": "Tax ID"}
NUMBER = ("Invoice no.", "Invoice number", "Invoice #", "Invoice No", "Inv. no.", "Document no.")
ISSUED = ("Date", "Invoice date", "Date of issue", "Issued", "Issue date", "Tax point / date")
ORDER = ("Order no.", "Your order", "PO number", "Order ref.")
DUE = ("Due date", "Payment due", "Due", "Please pay by")
WHAT = ("Description", "Item", "Product", "Article", "Details")
QUANTITY = ("Qty", "Quantity", "Qty.", "Units", "No.")
PRICE = ("Unit price", "Price", "Price each", "Rate", "Unit cost", "Each")
AMOUNT = ("Amount", "Total", "Line total", "Net", "Ext. price")
TOTAL = ("Total due", "TOTAL", "Amount due", "Total", "Invoice total", "Balance due")


def heading(rng: Random) -> str:
    return rng.choice(("INVOICE", "Invoice", "TAX INVOICE", "Sales Invoice", "I N V O I C E"))


def details(bill: Bill, pen: Pen, rng: Random) -> list[tuple[str, str]]:
    """Number and date, and the numbers and dates that a reader must not take for them."""
    beside = [
        (rng.choice(ORDER), bill.order),
        (rng.choice(("Customer no.", "Account", "Client ID")), bill.customer),
        (rng.choice(DUE), pen.day(bill.due)),
        (rng.choice(("Order date", "Ordered on")), pen.day(bill.later(-rng.randint(4, 9)))),
        (
            rng.choice(("Delivery date", "Shipped") if bill.trade in SHIPPED else ("Date of supply", "Work done")),
            pen.day(bill.later(rng.choice((-3, -2, -1, 2, 4)))),
        ),
        (TAX_ID[bill.region], bill.seller.tax_id),
    ]
    rows = [(rng.choice(NUMBER), bill.number), (rng.choice(ISSUED), pen.day(bill.issued))]
    rows += rng.sample(beside, rng.randint(1, 4))
    if rng.random() < 0.4:
        rng.shuffle(rows)
    return rows


def sums(bill: Bill, pen: Pen, rng: Random) -> list[tuple[str, str]]:
    """Subtotal, shipping, tax and total; each of them is a distractor, none is part of the answer."""
    rows = [(rng.choice(("Subtotal", "Net total", "Sub-total", "Goods total")), pen.money(bill.net))]
    if bill.shipping:
        rows.append((rng.choice(("Shipping", "Carriage", "Postage & packing", "Delivery")), pen.money(bill.shipping)))
    if bill.tax:
        rows.append((f"{TAX[bill.region]} {bill.tax}%", pen.money(bill.tax_on_top)))
    return [*rows, (rng.choice(TOTAL), pen.money(bill.total))]


def till_sums(bill: Bill, pen: Pen) -> list[tuple[str, str]]:
    """At a till: American prices grow by the tax, all others hold it already."""
    if bill.region == "us":
        return [("Subtotal", pen.plain(bill.net)), (f"Tax {bill.tax}%", pen.plain(bill.tax_on_top))]
    return [(f"Incl. {TAX[bill.region]} {bill.tax}%", pen.plain(bill.tax_inside))]


def paid(bill: Bill) -> Decimal:
    return bill.total if bill.region == "us" else bill.net


def payment(bill: Bill, pen: Pen, rng: Random) -> str:
    due = pen.day(bill.due)
    return rng.choice((
        f"Please transfer {pen.money(bill.total)} by {due}.\n{bill.seller.bank}, {bill.seller.account}",
        f"Payment terms: {bill.terms} days net. Late payment may be charged at 8% above base rate.",
        f"Bank details: {bill.seller.account} / {bill.seller.bank}\nPlease quote {bill.number} with your payment.",
        f"Due {due}. {TAX_ID[bill.region]} {bill.seller.tax_id}",
        f"Questions? {bill.seller.mail} or {bill.seller.phone}",
        "Goods remain our property until paid in full. Thank you for your business!",
        f"Paid by card ending {rng.randint(1000, 9999)} - no further action needed.",
    ))  # fmt: skip


def greeting(bill: Bill, rng: Random) -> str:
    """By first name where the customer is a person."""
    if bill.buyer.name in PEOPLE["en"]:
        return f"{rng.choice(('Hello', 'Dear', 'Hi'))} {bill.buyer.name.split(' ')[0]},"
    return rng.choice(("Hello,", "Dear customer,", "Good morning,"))


def unit_suffix(item: Item) -> str:
    """A quantity's unit, to stand after the figure: ' h', ' boxes'; pieces go without saying."""
    if item.unit in ("", "pcs"):
        return ""
    if item.quantity == 1 or len(item.unit) < 3 or item.unit == "kWh":
        return f" {item.unit}"
    return f" {item.unit}{'es' if item.unit.endswith('x') else 's'}"
