"""A task answered by code instead of a model: the same contract."""

from typing import Literal

from pydantic import BaseModel

from plait import Ref, engine, task


class Lamp(BaseModel):
    name: str
    state: Literal["on", "off"]


@task
def which_lamp(wish: str, lamps: list[Lamp]) -> Ref[Lamp] | None:
    """Which of {lamps} is meant by "{wish}"?"""
    ...


@engine.answers(which_lamp)
def by_name(wish: str, lamps: list[Lamp]) -> Ref[Lamp] | None:
    return next((Ref(lamp) for lamp in lamps if lamp.name in wish), None)
