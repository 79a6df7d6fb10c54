"""Generation of a row: sampled format, bill and layout."""

from random import Random

from invoices import chinese, chinese_slips, german, letters, mails, pdf_text, slips, tables
from invoices.bill import LANGUAGES, sample_bill, sample_date
from invoices.goods import TRADES
from invoices.layout import Layout
from invoices.noise import add_scan_noise
from invoices.notation import sample_format

LAYOUTS = tuple(
    layout
    for module in (tables, mails, slips, letters, pdf_text, german, chinese, chinese_slips)
    for layout in module.LAYOUTS
)


def generate_row(layout: Layout, is_scanned: bool, rng: Random) -> dict:
    """One held-out row; the layout name of a simulated scan ends in ", scanned"."""
    region = rng.choice(layout.regions.split())
    language = LANGUAGES.get(region, "en")
    trade = rng.choice([trade for trade in layout.trades.split() if trade in TRADES[language]])
    issued = sample_date(rng)
    fmt = sample_format(region, language, issued, layout.kind == "slip", rng)
    bill = sample_bill(region, fmt.currency, trade, issued, _sample_line_count(layout, rng), layout.kind, rng)
    if layout.uppercase:
        bill = bill.in_uppercase()
    text = layout.render(bill, fmt, rng)
    return {
        "text": add_scan_noise(text, bill, rng) if is_scanned else text,
        "answer": bill.answer(),
        "language": language,
        "layout": f"{layout.name}, scanned" if is_scanned else layout.name,
    }


def _sample_line_count(layout: Layout, rng: Random) -> int:
    """The smaller of two random counts, so that most invoices are short."""
    return min(rng.randint(*layout.line_range), rng.randint(*layout.line_range))
