"""Mails and messages: an invoice in sentences, lists and forwarded fragments."""

from random import Random

from invoices import english
from invoices.bill import Bill, Item
from invoices.layout import GOODS, WESTERN, Layout
from invoices.notation import Pen
from invoices.typesetting import stack

WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def prose(bill: Bill, pen: Pen, rng: Random) -> str:
    told = [_told(item, pen, rng) for item in bill.items]
    listed = told[0] if len(told) == 1 else ", ".join(told[:-1]) + " and " + told[-1]
    opening = rng.choice(
        (
            "Thank you for your order",
            "Thanks for shopping with us",
            "thanks again for your order",
            "Many thanks for your order",
        )
    )
    ready = rng.choice(
        (
            "has left our warehouse today",
            "is packed and on its way",
            "was handed to the courier",
            "is ready for collection",
        )
    )
    return stack(
        f"From: {bill.seller.name} <{bill.seller.mail}>",
        f"Subject: {rng.choice(('Your invoice', 'Invoice', 'Order shipped, invoice'))} {bill.number}",
        "",
        english.greeting(bill, rng),
        "",
        f"{opening} {bill.order}, which {ready}. You ordered {listed}.",
        f"{_sum_in_words(bill, pen)}"
        f" This is invoice {bill.number}, dated {pen.day(bill.issued)}; "
        + rng.choice(
            ("it was charged to your card.", f"please pay by {pen.day(bill.due)}.", "nothing is left to pay.")
        ),
        "",
        rng.choice(("Kind regards,", "Best wishes", "All the best,", "Yours")),
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}",
        rng.choice((None, f"{english.TAX_ID[bill.region]} {bill.seller.tax_id}", f"Phone {bill.seller.phone}")),
    )


def _told(item: Item, pen: Pen, rng: Random) -> str:
    """One line inside a sentence; a single piece needs no figure, a small number may be a word."""
    unit = english.unit_suffix(item)
    if item.quantity == 1:
        return rng.choice(
            (f"the {item.what} ({pen.money(item.price)})", f"one {item.what} for {pen.money(item.price)}")
        )
    count = WORDS[int(item.quantity)] if item.quantity <= 12 and rng.random() < 0.4 else pen.count(item.quantity)
    return rng.choice((
        f"{count}{unit} x {item.what} at {pen.money(item.price)} each",
        f"{count}{unit} of the {item.what} at {pen.money(item.price)} apiece ({pen.money(item.amount)})",
        f"{count} × {item.what} ({pen.money(item.price)} each)",
    ))  # fmt: skip


def _sum_in_words(bill: Bill, pen: Pen) -> str:
    carriage = f" and {pen.money(bill.shipping)} for shipping" if bill.shipping else ""
    tax = f"{english.TAX[bill.region]} of {pen.money(bill.tax_on_top)}"
    return f"With {tax}{carriage} the total comes to {pen.money(bill.total)}."


def item_list_mail(bill: Bill, pen: Pen, rng: Random) -> str:
    """A mail with one line per item: '2 x 19.90'."""
    mark = rng.choice(("- ", "* ", "", "  "))
    x, total = rng.choice(("x", "×", "@")), english.sums(bill, pen, rng)[-1]
    lines = [
        f"{mark}{item.what}: {pen.count(item.quantity)} {x} {pen.plain(item.price)} = {pen.plain(item.amount)}"
        for item in bill.items
    ]
    return stack(
        english.greeting(bill, rng),
        "",
        rng.choice(
            (
                "here is the bill for last week:",
                "please find below our invoice.",
                "as agreed, the invoice for your delivery.",
            )
        ),
        "",
        f"{rng.choice(english.NUMBER)} {bill.number}",
        f"{rng.choice(english.ISSUED)} {pen.day(bill.issued)}",
        rng.choice((None, f"Your PO {bill.order}", f"Delivered {pen.day(bill.later(-2))}")),
        "",
        lines,
        f"{mark}plus {english.TAX[bill.region]} {bill.tax}%: {pen.plain(bill.tax_on_top)}" if bill.tax else None,
        f"{mark}plus delivery {pen.plain(bill.shipping)}" if bill.shipping else None,
        "",
        f"{total[0]}: {total[1]}",
        "",
        english.payment(bill, pen, rng),
        "",
        rng.choice(("Thanks!", "Cheers", "Regards,")),
        bill.seller.name,
    )


def shop_confirmation(bill: Bill, pen: Pen, rng: Random) -> str:
    """A web shop's mail after its HTML is gone: every cell has become a line."""
    shape = rng.randrange(3)
    return stack(
        f"[{bill.seller.name}]",
        "",
        rng.choice(("Your receipt", "Order confirmation and invoice", "Thank you! Here is your invoice.")),
        "",
        f"Order {bill.order} · Invoice {bill.number} · {pen.day(bill.issued)}",
        "View in browser | Track your parcel | Help",
        "",
        [_shop_item(item, shape, pen) for item in bill.items],
        "",
        ["\n".join(row) for row in english.sums(bill, pen, rng)],
        "",
        "Ship to",
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        f"You receive this mail because you bought at {bill.seller.name},",
        f"{bill.seller.street}, {bill.seller.town}. Unsubscribe",
    )


def _shop_item(item: Item, shape: int, pen: Pen) -> str:
    count, price = pen.count(item.quantity), pen.money(item.price)
    return (
        f"{item.what}\nQty: {count}\n{price} each",
        f"{item.what}\nSKU {item.code}\n{count} x {price}",
        f"{count} × {item.what}\n{price}{' each' if item.quantity != 1 else ''}\n{pen.money(item.amount)}",
    )[shape]


def forwarded(bill: Bill, pen: Pen, rng: Random) -> str:
    later = pen.day(bill.later(rng.randint(1, 6)))
    body = [
        rng.choice(("Hello,", "Dear customer,", "Good morning,")),
        "",
        f"{rng.choice(('attached and', 'please find'))} below our invoice {bill.number} of {pen.day(bill.issued)}:",
        "",
        *(
            f"  {pen.count(item.quantity)}{english.unit_suffix(item)}  {item.what}  {pen.money(item.price)}"
            for item in bill.items
        ),
        "",
        "  {}: {}".format(*english.sums(bill, pen, rng)[-1]),
        "",
        "Unit prices are net." if bill.tax else "Prices are per unit.",
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}",
    ]
    note = rng.choice(
        (
            "Can you book this one please? Thx",
            "fyi - is this ours?",
            "Please approve, see below.",
            f"For cost centre {rng.randint(1000, 9999)}.",
        )
    )
    return stack(
        note,
        "",
        "---------- Forwarded message ---------",
        f"From: {bill.seller.mail}",
        f"Date: {later}, {rng.randint(7, 18)}:{rng.randint(10, 59)}",
        f"Subject: {rng.choice(('Invoice', 'Our invoice', 'Reminder: invoice'))} {bill.number}",
        "",
        [f"> {line}".rstrip() for line in body],
    )


def freelancer(bill: Bill, pen: Pen, rng: Random) -> str:
    """A few lines by somebody who has no invoice program; a single job goes without a quantity."""
    jobs = [_job(item, pen) for item in bill.items]
    return stack(
        rng.choice((english.greeting(bill, rng), "Hello again,", "Hey,")),
        "",
        rng.choice(("here's my invoice for the work we finished:", "invoicing as discussed:", "so here is the bill:")),
        jobs,
        "",
        rng.choice(
            (f"Total {pen.money(bill.net)}.", f"So {pen.money(bill.net)} in all, no tax charged (small business).")
        ),
        f"Invoice {bill.number}, {pen.day(bill.issued)}. {rng.choice(('Bank as usual', bill.seller.account))}.",
        rng.choice(("Thanks and see you soon", "Thanks!", "Best,")),
        bill.seller.name,
    )


def _job(item: Item, pen: Pen) -> str:
    if item.quantity == 1:
        return f"{item.what}, {pen.money(item.price)}"
    return f"{item.what}, {pen.count(item.quantity)}{english.unit_suffix(item)} at {pen.money(item.price)}"


LAYOUTS = (
    Layout("mail, prose", prose, WESTERN, GOODS, (1, 3)),
    Layout("mail, list", item_list_mail, WESTERN, f"{GOODS} hours cleaning", (1, 5)),
    Layout("shop confirmation", shop_confirmation, WESTERN, GOODS, (1, 5)),
    Layout("forwarded mail", forwarded, WESTERN, f"{GOODS} hours software", (1, 5)),
    Layout("freelancer's note", freelancer, "us uk ie nl", "design hours", (1, 3), kind="alone"),
)
