"""What the parts of a training layout write from: a bill, its notation, and labels chosen for this one invoice."""

from dataclasses import dataclass, replace
from decimal import Decimal
from random import Random

from invoices.bill import Bill, Item, cents
from invoices.notation import LocaleFormat
from invoices.training.labels import Labels

Pair = tuple[str, str]


@dataclass(frozen=True)
class Sheet:
    """One invoice to be written. A number, date or seller that is omitted is "" or None in `bill`."""

    bill: Bill
    fmt: LocaleFormat
    labels: Labels
    rng: Random
    colon: str
    has_date: bool = True

    def word(self, name: str) -> str:
        """One spelling of a label."""
        return self.rng.choice(getattr(self.labels, name))

    def pick(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def chance(self, probability: float) -> bool:
        return self.rng.random() < probability

    def labelled(self, name: str, value: str) -> str:
        return f"{self.word(name)}{self.colon}{value}"

    @property
    def issued(self) -> str:
        return self.fmt.day(self.bill.issued) if self.has_date else ""

    def details(self, most: int = 3) -> list[Pair]:
        """Labels and values of number and date, among others that are neither."""
        bill, rng = self.bill, self.rng
        others = [
            (self.word("order"), bill.order),
            (self.word("customer"), bill.customer),
            (self.word("due"), self.fmt.day(bill.due)),
            (self.word("ordered"), self.fmt.day(bill.date_after(-rng.randint(3, 25)))),
            (self.word("delivered"), self.fmt.day(bill.date_after(rng.choice((-2, -1, 1, 3))))),
            (self.word("tax_id"), bill.seller.tax_id),
            (self.word("clerk"), self.pick("AB", "M. K.", "012", "Jo", "7")),
        ]
        if not self.has_date:
            others = [others[0], others[1], others[5], others[6]]
        pairs = [(self.word("number"), bill.number), (self.word("issued"), self.issued)]
        pairs += rng.sample(others, rng.randint(0, min(most, len(others))))
        if rng.random() < 0.6:
            rng.shuffle(pairs)
        return [(label, value) for label, value in pairs if value]

    def sums(self) -> list[Pair]:
        """Labels and values of what stands below the lines, the total last; often the total alone."""
        money, net = self.fmt.money, self.bill.net
        discount = cents(net * self.rng.choice((5, 10, 20)) / 100) if self.chance(0.12) else Decimal(0)
        tax = cents((net + self.bill.shipping - discount) * self.bill.tax_rate / 100)
        total = (self.word("total"), money(net + self.bill.shipping - discount + tax))
        rate = self.pick(f" {self.bill.tax_rate}%", f" ({self.bill.tax_rate} %)", "")
        pairs = [(self.word("net"), money(net))] if self.chance(0.5) else []
        pairs += [(self.word("discount"), f"-{money(discount)}")] if discount else []
        pairs += [(self.word("shipping"), money(self.bill.shipping))] if self.bill.shipping else []
        pairs += [(self.word("tax") + rate, money(tax))] if tax else []
        return [*pairs, total]

    def counted(self, item: Item) -> str:
        """The quantity, often with its unit: "3 pcs", "3个"."""
        count = self.fmt.quantity(item.quantity)
        gap = "" if self.fmt.language == "zh" else " "
        return f"{count}{gap}{item.unit}" if item.unit and self.chance(0.6) else count

    def without(self, omitted: str) -> "Sheet":
        """The sheet without "number", "issued" or "seller"."""
        if omitted == "issued":
            return replace(self, has_date=False)
        if omitted == "number":
            return replace(self, bill=replace(self.bill, number=""))
        nameless = self.bill.seller._replace(name="", mail="")
        return replace(self, bill=replace(self.bill, seller=nameless))
