"""Mails and messages: an invoice in sentences, lists and forwarded fragments."""

from random import Random

from invoices import english
from invoices.bill import Bill, Item
from invoices.layout import GOODS, WESTERN, Layout
from invoices.notation import LocaleFormat
from invoices.typesetting import stack

NUMBER_WORDS = "zero one two three four five six seven eight nine ten eleven twelve".split()


def prose(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    item_phrases = [_item_phrase(item, fmt, rng) for item in bill.items]
    listed = item_phrases[0] if len(item_phrases) == 1 else ", ".join(item_phrases[:-1]) + " and " + item_phrases[-1]
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
        f"{_totals_sentence(bill, fmt)}"
        f" This is invoice {bill.number}, dated {fmt.day(bill.issued)}; "
        + rng.choice(
            ("it was charged to your card.", f"please pay by {fmt.day(bill.due)}.", "nothing is left to pay.")
        ),
        "",
        rng.choice(("Kind regards,", "Best wishes", "All the best,", "Yours")),
        bill.seller.name,
        f"{bill.seller.street}, {bill.seller.town}",
        rng.choice((None, f"{english.TAX_ID[bill.region]} {bill.seller.tax_id}", f"Phone {bill.seller.phone}")),
    )


def _item_phrase(item: Item, fmt: LocaleFormat, rng: Random) -> str:
    """One item in running text; quantity 1 has no digit, other small quantities may be words."""
    unit = english.unit_suffix(item)
    if item.quantity == 1:
        return rng.choice(
            (f"the {item.what} ({fmt.money(item.price)})", f"one {item.what} for {fmt.money(item.price)}")
        )
    quantity = (
        NUMBER_WORDS[int(item.quantity)] if item.quantity <= 12 and rng.random() < 0.4 else fmt.quantity(item.quantity)
    )
    return rng.choice((
        f"{quantity}{unit} x {item.what} at {fmt.money(item.price)} each",
        f"{quantity}{unit} of the {item.what} at {fmt.money(item.price)} apiece ({fmt.money(item.amount)})",
        f"{quantity} × {item.what} ({fmt.money(item.price)} each)",
    ))  # fmt: skip


def _totals_sentence(bill: Bill, fmt: LocaleFormat) -> str:
    carriage = f" and {fmt.money(bill.shipping)} for shipping" if bill.shipping else ""
    tax = f"{english.TAX[bill.region]} of {fmt.money(bill.tax_amount)}"
    return f"With {tax}{carriage} the total comes to {fmt.money(bill.total)}."


def item_list_mail(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """A mail with one line per item: '2 x 19.90'."""
    bullet = rng.choice(("- ", "* ", "", "  "))
    x, total = rng.choice(("x", "×", "@")), english.sums(bill, fmt, rng)[-1]
    lines = [
        f"{bullet}{item.what}: {fmt.quantity(item.quantity)} {x} {fmt.amount(item.price)} = {fmt.amount(item.amount)}"
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
        f"{rng.choice(english.ISSUED)} {fmt.day(bill.issued)}",
        rng.choice((None, f"Your PO {bill.order}", f"Delivered {fmt.day(bill.date_after(-2))}")),
        "",
        lines,
        f"{bullet}plus {english.TAX[bill.region]} {bill.tax_rate}%: {fmt.amount(bill.tax_amount)}"
        if bill.tax_rate
        else None,
        f"{bullet}plus delivery {fmt.amount(bill.shipping)}" if bill.shipping else None,
        "",
        f"{total[0]}: {total[1]}",
        "",
        english.payment_terms(bill, fmt, rng),
        "",
        rng.choice(("Thanks!", "Cheers", "Regards,")),
        bill.seller.name,
    )


def shop_confirmation(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """Mail of a web shop converted from HTML: one cell per line."""
    style = rng.randrange(3)
    return stack(
        f"[{bill.seller.name}]",
        "",
        rng.choice(("Your receipt", "Order confirmation and invoice", "Thank you! Here is your invoice.")),
        "",
        f"Order {bill.order} · Invoice {bill.number} · {fmt.day(bill.issued)}",
        "View in browser | Track your parcel | Help",
        "",
        [_shop_item(item, style, fmt) for item in bill.items],
        "",
        ["\n".join(row) for row in english.sums(bill, fmt, rng)],
        "",
        "Ship to",
        bill.buyer.name,
        bill.buyer.street,
        bill.buyer.town,
        "",
        f"You receive this mail because you bought at {bill.seller.name},",
        f"{bill.seller.street}, {bill.seller.town}. Unsubscribe",
    )


def _shop_item(item: Item, style: int, fmt: LocaleFormat) -> str:
    quantity, price = fmt.quantity(item.quantity), fmt.money(item.price)
    return (
        f"{item.what}\nQty: {quantity}\n{price} each",
        f"{item.what}\nSKU {item.code}\n{quantity} x {price}",
        f"{quantity} × {item.what}\n{price}{' each' if item.quantity != 1 else ''}\n{fmt.money(item.amount)}",
    )[style]


def forwarded_mail(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    later = fmt.day(bill.date_after(rng.randint(1, 6)))
    body = [
        rng.choice(("Hello,", "Dear customer,", "Good morning,")),
        "",
        f"{rng.choice(('attached and', 'please find'))} below our invoice {bill.number} of {fmt.day(bill.issued)}:",
        "",
        *(
            f"  {fmt.quantity(item.quantity)}{english.unit_suffix(item)}  {item.what}  {fmt.money(item.price)}"
            for item in bill.items
        ),
        "",
        "  {}: {}".format(*english.sums(bill, fmt, rng)[-1]),
        "",
        "Unit prices are net." if bill.tax_rate else "Prices are per unit.",
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


def freelancer(bill: Bill, fmt: LocaleFormat, rng: Random) -> str:
    """A short informal note; quantity 1 is not stated."""
    jobs = [_job(item, fmt) for item in bill.items]
    return stack(
        rng.choice((english.greeting(bill, rng), "Hello again,", "Hey,")),
        "",
        rng.choice(("here's my invoice for the work we finished:", "invoicing as discussed:", "so here is the bill:")),
        jobs,
        "",
        rng.choice(
            (f"Total {fmt.money(bill.net)}.", f"So {fmt.money(bill.net)} in all, no tax charged (small business).")
        ),
        f"Invoice {bill.number}, {fmt.day(bill.issued)}. {rng.choice(('Bank as usual', bill.seller.account))}.",
        rng.choice(("Thanks and see you soon", "Thanks!", "Best,")),
        bill.seller.name,
    )


def _job(item: Item, fmt: LocaleFormat) -> str:
    if item.quantity == 1:
        return f"{item.what}, {fmt.money(item.price)}"
    return f"{item.what}, {fmt.quantity(item.quantity)}{english.unit_suffix(item)} at {fmt.money(item.price)}"


LAYOUTS = (
    Layout("mail, prose", prose, WESTERN, GOODS, (1, 3)),
    Layout("mail, list", item_list_mail, WESTERN, f"{GOODS} hours cleaning", (1, 5)),
    Layout("shop confirmation", shop_confirmation, WESTERN, GOODS, (1, 5)),
    Layout("forwarded mail", forwarded_mail, WESTERN, f"{GOODS} hours software", (1, 5)),
    Layout("freelancer's note", freelancer, "us uk ie nl", "design hours", (1, 3), kind="sole trader"),
)
