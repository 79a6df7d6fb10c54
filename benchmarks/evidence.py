"""How often the place of a quoted value is found where the value stands in several places.

Generated orders in six layouts, whose generator records where each value was written; values repeat often, as items
and prices are few. Counted are the values that stand in two places or more. The baseline takes the first place.

    python -m benchmarks.evidence [--rows 600] [--seed 1]
"""

import random
import re
from dataclasses import dataclass, field
from decimal import Decimal

import click
from pydantic import BaseModel

from benchmarks.measure import report
from plait import Quoted, task
from plait.core.engine.evidence import evidence, quoted_values
from plait.core.values.call_context import call_context
from plait.core.values.json_value import Json

ITEMS = ("nails", "wood screws", "hinge", "wall paint", "brush", "tape")
PRICES = ("2.00", "4.50", "9.00", "12.00")


class Line(BaseModel):
    what: Quoted[str]
    price: Quoted[Decimal]
    total: Quoted[Decimal]


class Order(BaseModel):
    number: Quoted[str]
    lines: list[Line]


@task
def read_order(text: str) -> Order:
    """Read the order {text}."""
    ...


@dataclass
class Writer:
    """A text that grows, and the true start of each value by its path."""

    text: str = ""
    starts: dict[str, int] = field(default_factory=dict[str, int])

    def write(self, text: str, path: str = "") -> None:
        if path:
            self.starts[path] = len(self.text)
        self.text += text


FIELDS = ("what", "price", "total")
Lines = list[tuple[str, str, str]]  # a value for each field
# How one line is written; a field name in braces is its value.
ROW_LAYOUTS = {
    "table": "{what}      {price}      {total}\n",
    "records": "Line\n  Item: {what}\n  Price: {price}\n  Amount: {total}\n",
    "prose": "Then there is {what} at {price} each, which makes {total}. ",
    "prices_first": "{price} for {what}, sum {total}\n",
    "messages": "Ada: {what} please\nBo: {price} a piece, so {total}\n",
}


def write_rows(writer: Writer, lines: Lines, layout: str) -> None:
    for index, line in enumerate(lines):
        values = dict(zip(FIELDS, line, strict=True))
        for part in re.split(r"\{(\w+)\}", layout):
            writer.write(values.get(part, part), f"lines.{index}.{part}" if part in values else "")


def write_columns(writer: Writer, lines: Lines) -> None:
    for place, name in enumerate(FIELDS):
        writer.write(f"{name.capitalize()}\n")
        for index, line in enumerate(lines):
            writer.write(line[place], f"lines.{index}.{name}")
            writer.write("\n")


def order(rng: random.Random) -> tuple[str, Writer, Json]:
    """The layout's name, the text with the true places, and the answer as a model writes it."""
    layout, count = rng.choice(["columns", *ROW_LAYOUTS]), rng.randint(2, 6)
    prices = [rng.choice(PRICES) for _ in range(count)]
    lines = [(rng.choice(ITEMS), price, f"{Decimal(price) * rng.randint(1, 3)}") for price in prices]
    writer, number = Writer(), str(rng.randint(10_000, 99_999))
    writer.write("Order ")
    writer.write(number, "number")
    writer.write(rng.choice(("\n", " of wall paint and tape\n", ", see also 2.00 postage\n")))
    if layout == "columns":
        write_columns(writer, lines)
    else:
        write_rows(writer, lines, ROW_LAYOUTS[layout])
    writer.write(f"Total {sum(Decimal(total) for _, _, total in lines)}\nPlease quote {number}.\n")
    return layout, writer, {"number": number, "lines": [dict(zip(FIELDS, line, strict=True)) for line in lines]}


@dataclass
class Count:
    values: int = 0
    right: int = 0
    first_right: int = 0


def measure(rows: int, seed: int) -> dict[str, Count]:
    rng, counts = random.Random(seed), dict[str, Count]()
    declaration = read_order.declaration
    for _ in range(rows):
        name, writer, answer = order(rng)
        context = call_context(declaration, {"text": writer.text}, by_name=True)
        places = evidence(declaration, answer, context)
        for value in quoted_values(declaration.answer, answer, "", context):
            if len(value.occurrences) > 1:
                count, start = counts.setdefault(name, Count()), writer.starts[value.path]
                count.values += 1
                count.right += places[value.path][0].start == start
                count.first_right += value.occurrences[0][0].start == start
    return counts


@click.command(help=__doc__)
@click.option("--rows", default=600)
@click.option("--seed", default=1)
def main(rows: int, seed: int) -> None:
    counts = measure(rows, seed)
    total = Count(
        *(sum(getattr(each, name) for each in counts.values()) for name in ("values", "right", "first_right"))
    )
    for name, count in {**counts, "all": total}.items():
        click.echo(f"{name:14} {count.right / count.values:.4f}  first place {count.first_right / count.values:.4f}"
                   f"  of {count.values:,} values")  # fmt: skip
    shares = {name: round(count.right / count.values, 4) for name, count in {**counts, "all": total}.items()}
    first = round(total.first_right / total.values, 4)
    report("evidence", {"orders": rows, "values": total.values, "right": shares, "first_place_right": first})


if __name__ == "__main__":
    main()
