from typing import Literal

from pydantic import BaseModel

from plait import Ref, task


class Lamp(BaseModel):
    name: str


class Light(BaseModel):
    lamp: Ref[Lamp]  # one of the lamps that were passed in; nothing else is possible
    level: Literal["off", "dim", "bright"]


@task
def light(wish: str, lamps: list[Lamp]) -> Light:
    """With {lamps} in the room, what does "{wish}" ask for?"""
    ...
