"""A task whose answers have a quotation, a computed field and a free value; its file is passed to `plait verify`."""

from decimal import Decimal

from pydantic import BaseModel, computed_field

from plait import Quoted, task


class Bill(BaseModel):
    title: Quoted[str]
    price: Quoted[Decimal]
    pieces: int

    @computed_field
    @property
    def total(self) -> Decimal:
        return self.price * self.pieces


@task
def read_bill(text: str) -> Bill:
    """Read the bill {text}."""
    ...


TEXT = "Two lamps, 9.00 each"
ANSWER = Bill(title="lamps", price=Decimal("9.00"), pieces=2)
