"""Tasks of a home, answered by functions: the user file of tests of CLI, HTTP and engines."""

import os
import time
from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, Field

from plait import Ref, engine, task


class Lamp(BaseModel):
    name: str
    kind: Literal["ceiling", "table"] = "ceiling"


class Turn(BaseModel):
    lamp: Ref[Lamp]
    on: bool


class Nothing(BaseModel):
    why: str


class Order(BaseModel):
    what: str
    pieces: int = Field(gt=0)
    due: date


@task
def turn(wish: str, lamps: list[Lamp], level: Annotated[float, Field(ge=0, le=100)] = 50) -> Turn | Nothing:
    """With {lamps} at {level} percent, what should "{wish}" do?"""
    ...


@engine.answers(turn)
def by_name(wish: str, lamps: list[Lamp], level: float) -> Turn | Nothing:
    """The lamp whose name is in the wish; the last one if several share it."""
    named_lamps = [lamp for lamp in lamps if lamp.name in wish]
    return (
        Turn(lamp=Ref(named_lamps[-1], lamps.index(named_lamps[-1])), on="off" not in wish)
        if named_lamps
        else Nothing(why="no lamp")
    )


@task
def pick(wish: str, lamps: list[Lamp]) -> Ref[Lamp]:
    """Which of {lamps} does "{wish}" mean?"""
    ...


@engine.answers(pick)
def first(wish: str, lamps: list[Lamp]) -> Ref[Lamp]:
    return Ref(lamps[0])


@task
def shorten(text: str) -> str:
    """Say {text} in few words."""
    ...


@engine.answers(shorten)
def by_cutting(text: str) -> str:
    """The first three words; as slow as HOUSE_PAUSE says, and written down in HOUSE_LOG: who was asked what."""
    if log := os.environ.get("HOUSE_LOG"):
        with open(log, "a") as file:
            file.write(f"{text}\n")
    time.sleep(float(os.environ.get("HOUSE_PAUSE", "0")))
    return " ".join(text.split()[:3])


class Sentence(BaseModel):
    text: str
    source: Ref[str] | None


@task
def cite(passages: list[str]) -> list[Sentence]:
    """What is said in {passages}?"""
    ...


@engine.answers(cite)
def by_beginning(passages: list[str]) -> list[Sentence]:
    cited = [Sentence(text=" ".join(each.split()[:2]), source=Ref(each, at)) for at, each in enumerate(passages)]
    return [*cited, Sentence(text="Nothing", source=None)]


@task
def echo(text: str) -> str:
    """Repeat {text}."""
    ...


@engine.answers(echo)
def by_repeating(text: str) -> str:
    return text


@task
def weigh(kilograms: float) -> str:
    """Say what weighs {kilograms} kg."""
    ...


@engine.answers(weigh)
def by_guessing(kilograms: float) -> str:
    return f"a stone of {kilograms} kg"


@task
def words_in(text: str) -> list[str]:
    """What are the words of {text}?"""
    ...


@engine.answers(words_in)
def by_spaces(text: str) -> list[str]:
    return text.split()


@task
def read_order(text: str) -> Order:
    """Read the order {text}."""
    ...


@engine.answers(read_order)
def by_hand(text: str) -> Order:
    what, pieces, due = text.split(";")
    return Order.model_construct(what=what, pieces=int(pieces), due=date.fromisoformat(due))  # the gate has to look


@task
def broken(text: str) -> str:
    """Fail at {text}."""
    ...


@engine.answers(broken)
def by_accident(text: str) -> str:
    raise ZeroDivisionError("a bug of the writer's own")
