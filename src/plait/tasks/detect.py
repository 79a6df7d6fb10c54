"""Which objects a picture shows, and where."""

from pydantic import BaseModel, Field

from plait.core.task.task import task
from plait.types.box import Box
from plait.types.image import Image


class Found(BaseModel):
    what: str = Field(max_length=80)
    where: Box


@task(wordings={"zh": "{picture}里有哪些物体，各在什么位置？"})
def detect(picture: Image) -> list[Found]:
    """What are the objects in {picture}, and where?"""
    ...
