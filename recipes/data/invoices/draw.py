"""Rows of one layout: bill, notation and page, sampled until they are new."""

from random import Random

from invoices import chinese, chinese_slips, flows, german, letters, mails, slips, tables
from invoices.bill import LANGUAGES, day, draw
from invoices.goods import TRADES
from invoices.layout import Layout
from invoices.noise import scanned
from invoices.notation import pen

LAYOUTS = tuple(
    layout for room in (tables, mails, slips, letters, flows, german, chinese, chinese_slips) for layout in room.LAYOUTS
)


def row(layout: Layout, scan: bool, rng: Random) -> dict:
    """One held-out row; a scanned one says so in its layout's name."""
    region = rng.choice(layout.regions.split())
    language = LANGUAGES.get(region, "en")
    trade = rng.choice([trade for trade in layout.trades.split() if trade in TRADES[language]])
    issued = day(rng)
    writing = pen(region, language, issued, layout.kind == "slip", rng)
    bill = draw(region, writing.currency, trade, issued, _lines(layout, rng), layout.kind, rng)
    if layout.shouts:
        bill = bill.shouted()
    text = layout.write(bill, writing, rng)
    return {
        "text": scanned(text, bill, rng) if scan else text,
        "answer": bill.answer(),
        "language": language,
        "layout": f"{layout.name}, scanned" if scan else layout.name,
    }


def _lines(layout: Layout, rng: Random) -> int:
    """Most invoices are short: the smaller of two draws."""
    return min(rng.randint(*layout.lines), rng.randint(*layout.lines))
