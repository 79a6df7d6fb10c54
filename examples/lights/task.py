"""The lamps of one home, by the words that its people use. Adapted to 200 wishes by one command: see README.md."""

from typing import Literal

from pydantic import BaseModel

from plait import Ref, task


class Lamp(BaseModel):
    name: str


class Light(BaseModel):
    lamp: Ref[Lamp]
    level: Literal["off", "dim", "bright"]


@task
def light(wish: str, lamps: list[Lamp]) -> Light:
    """With {lamps} in the room, what does "{wish}" ask for?"""
    ...
