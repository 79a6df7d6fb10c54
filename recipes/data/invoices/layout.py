"""A layout: a way to write an invoice, and whose invoices are written so."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from invoices.bill import Bill
from invoices.notation import Pen

WESTERN = "us us us uk uk ie nl cn-en"  # whoever is named twice writes twice as often
GOODS = "stationery kitchen garden bicycles electronics print clothing building lab"
SERVICES = "hours design cleaning software"
CHINESE_GOODS = "stationery electronics building clothing print tea lab books"


class Layout(NamedTuple):
    """`regions` and `trades` are words to draw from, `lines` the fewest and most lines.

    A "slip" has the short numbers and dates of a till, a "fapiao" the tax office's numbers; who shouts prints capitals.
    """

    name: str
    write: Callable[[Bill, Pen, Random], str]
    regions: str
    trades: str
    lines: tuple[int, int]
    kind: str = "page"
    shouts: bool = False
