"""Labels and totals of English-language invoices."""

from decimal import Decimal
from random import Random

from invoices.bill import SHIPPED_TRADES, Bill, Item
from invoices.notation import LocaleFormat
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


def details(bill: Bill, fmt: LocaleFormat, rng: Random) -> list[tuple[str, str]]:
    """Invoice number and date, with other numbers and dates as distractors."""
    distractors = [
        (rng.choice(ORDER), bill.order),
        (rng.choice(("Customer no.", "Account", "Client ID")), bill.customer),
        (rng.choice(DUE), fmt.day(bill.due)),
        (rng.choice(("Order date", "Ordered on")), fmt.day(bill.date_after(-rng.randint(4, 9)))),
        (
            rng.choice(
                ("Delivery date", "Shipped") if bill.trade in SHIPPED_TRADES else ("Date of supply", "Work done")
            ),
            fmt.day(bill.date_after(rng.choice((-3, -2, -1, 2, 4)))),
        ),
        (TAX_ID[bill.region], bill.seller.tax_id),
    ]
    rows = [(rng.choice(NUMBER), bill.number), (rng.choice(ISSUED), fmt.day(bill.issued))]
    rows += rng.sample(distractors, rng.randint(1, 4))
    if rng.random() < 0.4:
        rng.shuffle(rows)
    return rows


def sums(bill: Bill, fmt: LocaleFormat, rng: Random) -> list[tuple[str, str]]:
    """Subtotal, shipping, tax and total; none is part of the answer."""
    rows = [(rng.choice(("Subtotal", "Net total", "Sub-total", "Goods total")), fmt.money(bill.net))]
    if bill.shipping:
        rows.append((rng.choice(("Shipping", "Carriage", "Postage & packing", "Delivery")), fmt.money(bill.shipping)))
    if bill.tax_rate:
        rows.append((f"{TAX[bill.region]} {bill.tax_rate}%", fmt.money(bill.tax_amount)))
    return [*rows, (rng.choice(TOTAL), fmt.money(bill.total))]


def receipt_sums(bill: Bill, fmt: LocaleFormat) -> list[tuple[str, str]]:
    """Totals of a receipt: tax is added to American prices and included in all others."""
    if bill.region == "us":
        return [("Subtotal", fmt.amount(bill.net)), (f"Tax {bill.tax_rate}%", fmt.amount(bill.tax_amount))]
    return [(f"Incl. {TAX[bill.region]} {bill.tax_rate}%", fmt.amount(bill.tax_included))]


def amount_paid(bill: Bill) -> Decimal:
    return bill.total if bill.region == "us" else bill.net


def payment_terms(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    due = fmt.day(bill.due)
    return rng.choice((
        f"Please transfer {fmt.money(bill.total)} by {due}.\n{bill.seller.bank}, {bill.seller.account}",
        f"Payment terms: {bill.terms} days net. Late payment may be charged at 8% above base rate.",
        f"Bank details: {bill.seller.account} / {bill.seller.bank}\nPlease quote {bill.number} with your payment.",
        f"Due {due}. {TAX_ID[bill.region]} {bill.seller.tax_id}",
        f"Questions? {bill.seller.mail} or {bill.seller.phone}",
        "Goods remain our property until paid in full. Thank you for your business!",
        f"Paid by card ending {rng.randint(1000, 9999)} - no further action needed.",
    ))  # fmt: skip


def greeting(bill: Bill, rng: Random) -> str:
    """Salutation, with the first name if the customer is a person."""
    if bill.buyer.name in PEOPLE["en"]:
        return f"{rng.choice(('Hello', 'Dear', 'Hi'))} {bill.buyer.name.split(' ')[0]},"
    return rng.choice(("Hello,", "Dear customer,", "Good morning,"))


def unit_suffix(item: Item) -> str:
    """The unit after a quantity: ' h', ' boxes'; empty for pieces."""
    if item.unit in ("", "pcs"):
        return ""
    if item.quantity == 1 or len(item.unit) < 3 or item.unit == "kWh":
        return f" {item.unit}"
    return f" {item.unit}{'es' if item.unit.endswith('x') else 's'}"
