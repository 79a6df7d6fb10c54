"""Layouts of training rows: each names its parts in their order, and every part has many forms.

None of them is a layout of the held-out rows; `rows.py` also refuses a text whose lines resemble those of one.
"""

from collections.abc import Callable
from dataclasses import dataclass

from invoices.training import details, heads, item_lines, sums
from invoices.training.prose import PROSE
from invoices.training.sheet import Sheet

Part = Callable[[Sheet], list[str]]
LANGUAGES = ("en", "de", "zh")

# name | head | details and buyer | lines | below. "," separates parts; a seller stands in exactly one of them.
COMPOSED = """
ledger page | ruled | dots, buyer_line | table | right, note
counter slip | centered | stacked | two_rows | right, note
plain bill | letterhead | colons, buyer_line | times | colons
craftsman's sheet | letterhead | title_line | numbered | total, payment
export of a program | from_to | equations | keyed | currency
bracketed memo | title_first | brackets | bracketed | total
market stall | | title_line | price_first | total, signature
rental contract | framed | colons | dated | one_line
clinic bill | contact_card | header_row, buyer_line | dated | right
school canteen | one_line | one_line | name_then_product | total, note
print shop ticket | at_the_right | pairs_in_columns | table | bars
dot matrix form | ruled | dots | leaders | right
shipping list | from_to | header_row | separated | value_first
bar sheet | labelled_seller | one_line | bars | bars
statement by column | letterhead | colons | by_column | colons
workshop card | title_first | bullets | blocks | total
farm gate note | | stacked | times | total, signature
fair receipt | centered | one_line | bracketed | one_line
library fee | labelled_seller | colons | name_then_product | currency, note
narrow roll | centered | tight | two_rows | total
narrow roll, no head | | tight | leaders | right, signature
web order | one_line | bullets, buyer_block | blocks | colons
supplier table | at_the_right | colons, buyer_block | table | right, payment
headless list | letterhead | title_line | headless | total
headless list, details below | one_line | | headless, colons | total
details at the foot | letterhead | buyer_line | table, one_line | colons
number at the foot | framed | | times, stacked | total
buyer first | | buyer_block, pairs_in_columns | numbered | right, signature
typed card | contact_card | title_line, buyer_line | leaders | total
notebook | title_first | one_line | name_then_product | value_first
warehouse screen | labelled_seller | equations | separated | one_line
music school | letterhead | title_line, buyer_line | dated | total, note
garage ticket | framed | brackets | two_rows | colons
hotel desk | one_line | header_row | table | total
delivery board | from_to | dots | price_first | total
table with tabs | labelled_seller | tabs | separated | colons
cash book | | tabs, buyer_line | headless | right, signature
catalogue order | ruled | pairs_in_columns | blocks | one_line
till with frame | framed | stacked | name_then_product | right
repair tag | title_first | tight | numbered | currency
courier form | from_to | bullets | by_column | total
tailor's note | contact_card | one_line | times | note, total
pharmacy label | at_the_right | one_line | bracketed | total
theatre office | ruled | title_line | times | one_line, payment
harbour office | one_line | dots | dated | value_first
message of a machine | labelled_seller | equations | keyed | total
field report | letterhead | bullets | headless | value_first
seed merchant | centered | header_row | table | bars
street kitchen | centered | title_line | name_then_product | total
""".strip().splitlines()


@dataclass(frozen=True)
class TrainingLayout:
    """A named order of parts for some languages; only a composed one can omit its number, date or seller."""

    name: str
    languages: tuple[str, ...]
    parts: tuple[tuple[Part, ...], ...]
    can_omit: bool

    def lines(self, sheet: Sheet) -> list[str]:
        """The lines of all parts; groups of parts are often separated by a blank line."""
        lines: list[str] = []
        for group in self.parts:
            written = [line for part in group for line in part(sheet)]
            lines += [""] if lines and written and sheet.chance(0.5) else []
            lines += written
        return lines


def composed(line: str) -> TrainingLayout:
    name, *groups = (cell.strip() for cell in line.split("|"))
    parts = tuple(
        tuple(part(column, each) for each in group.split(", ") if each) for column, group in enumerate(groups)
    )
    return TrainingLayout(name, LANGUAGES, parts, can_omit=True)


def part(column: int, name: str) -> Part:
    """The part of a name; details and lines may stand in each other's column."""
    modules = ((heads,), (details, heads), (item_lines, details), (sums, heads))[column]
    return next(getattr(module, name) for module in modules if hasattr(module, name))


LAYOUTS = tuple(map(composed, COMPOSED)) + tuple(
    TrainingLayout(prose.name, (prose.language,), ((prose.lines,),), can_omit=False) for prose in PROSE
)
