"""Whether the values of a training row stand in its text as the task quotes them, and mean what they should."""

import re
from collections.abc import Mapping
from typing import Any

from learnable import REFUSALS, written_answer

from invoices.bill import Bill
from invoices.notation import LocaleFormat
from plait.tasks.extract_invoice import extract_invoice

SIGNS = {
    "EUR": r"€|(?<![A-Z])EUR(?![A-Z])|欧元",
    "USD": r"\$|(?<![A-Z])USD(?![A-Z])|美元",
    "GBP": r"£|(?<![A-Z])GBP(?![A-Z])|英镑",
    "CNY": r"[¥￥]|(?<![A-Z])(?:RMB|CNY)(?![A-Z])|(?<![欧美])元",
}


def is_quotable(row: Mapping[str, Any], bill: Bill, fmt: LocaleFormat) -> bool:
    """Whether the task accepts the answer, quotes date and prices where they are printed, in one currency.

    A price that equals a quantity before it would be quoted from there, which teaches the wrong place.
    """
    if {code for code, signs in SIGNS.items() if re.search(signs, row["text"])} != {bill.currency}:
        return False
    try:
        written = written_answer(extract_invoice.declaration, row)
    except REFUSALS:
        return False
    prices = [plain(line["price"]) for line in written["lines"]]
    days = {plain(written["issued"]), fmt.day(bill.issued)} if written["issued"] else set()
    return prices == [fmt.amount(item.price) for item in bill.items] and len(days) < 2


def plain(form: str) -> str:
    """The spelling of a quotation without its reading: "03.04.26 = 2026-04-03" is "03.04.26"."""
    return form.partition(" = ")[0]
