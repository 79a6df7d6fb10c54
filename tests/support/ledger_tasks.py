"""Tasks whose answers are corrected in tests, answered by functions, and a chat model that answers from a script."""

from datetime import date
from decimal import Decimal
from typing import Any

from pydantic import BaseModel, Field, computed_field

from plait import Image, Quoted, Ref, engine, task


class Line(BaseModel):
    what: str
    price: Decimal = Field(ge=0, alias="unit_price")


class Bill(BaseModel):
    number: Quoted[str]
    issued: date | None
    lines: list[Line] = Field(min_length=1)

    @computed_field
    @property
    def total(self) -> Decimal:
        return sum((line.price for line in self.lines), Decimal())


class Lamp(BaseModel):
    name: str


class Turn(BaseModel):
    lamp: Ref[Lamp]
    on: bool


class Nothing(BaseModel):
    why: str


@task
def read_bill(text: str) -> Bill:
    """Read the bill {text}."""
    ...


@engine.answers(read_bill)
def by_eye(text: str) -> Bill:
    line = Line.model_validate({"what": "nails", "unit_price": "1.50"})
    return Bill(number=text.split()[1], issued=None, lines=[line])


@task
def turn(wish: str, lamps: list[Lamp]) -> Turn | Nothing:
    """With {lamps}, what should {wish} do?"""
    ...


@engine.answers(turn)
def by_luck(wish: str, lamps: list[Lamp]) -> Turn | Nothing:
    return Turn(lamp=Ref(lamps[0], 0), on=True)


@task
def shorten(text: str) -> str:
    """Shorten {text}."""
    ...


@engine.answers(shorten)
def by_cutting(text: str) -> str:
    return text[:3]


@task
def name_colour(picture: Image) -> str:
    """Which colour has {picture}?"""
    ...


@engine.answers(name_colour)
def by_guessing(picture: Image) -> str:
    return "red"


BILL = {"number": "12", "issued": None, "lines": [{"what": "nails", "price": "1.50"}], "total": "1.50"}
LAMPS: list[Any] = [Lamp(name="a"), Lamp(name="b")]
