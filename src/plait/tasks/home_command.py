"""What a sentence said at home should do: to one of the devices that are there, or nothing."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from plait.core.task.signature import Ref
from plait.core.task.task import task
from plait.core.values.constraints import AnyWords


class Device(BaseModel):
    name: str
    area: str
    kind: Literal["light", "cover", "climate", "media"]


class Switch(BaseModel):
    """Turn a device on or off; a cover that is on is open."""

    device: Ref[Device]
    on: bool


class SetLevel(BaseModel):
    device: Ref[Device]
    percent: int = Field(ge=0, le=100)


class Nothing(BaseModel):
    why: Annotated[str, AnyWords()] = Field(max_length=200)


@task(wordings={"zh": "在{devices}中，应如何执行“{utterance}”？"})
def home_command(utterance: str, devices: list[Device]) -> Switch | SetLevel | Nothing:
    """With {devices} in the house, what should "{utterance}" do?"""
    ...
