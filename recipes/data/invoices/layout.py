"""Layouts of invoices, with the regions and trades that use them."""

from collections.abc import Callable
from random import Random
from typing import NamedTuple

from invoices.bill import Bill
from invoices.notation import LocaleFormat

WESTERN = "us us us uk uk ie nl cn-en"  # repetition increases the probability
GOODS = "stationery kitchen garden bicycles electronics print clothing building lab"
SERVICES = "hours design cleaning software"
CHINESE_GOODS = "stationery electronics building clothing print tea lab books"


class Layout(NamedTuple):
    """A text layout with its sampling ranges.

    `regions` and `trades` are space-separated choices, `line_range` is the minimum and maximum number of lines. Kind
    "slip" has short numbers and dates, "fapiao" numbers of the tax office, "sole trader" a person as seller.
    `uppercase` prints names in capitals.
    """

    name: str
    render: Callable[[Bill, LocaleFormat, Random], str]
    regions: str
    trades: str
    line_range: tuple[int, int]
    kind: str = "page"
    uppercase: bool = False
