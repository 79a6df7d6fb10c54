"""Which objects a picture shows, and where."""

from pydantic import BaseModel, Field

from plait.core.task.task import task
from plait.types.box import Box
from plait.types.image import Image


class Found(BaseModel):
    what: str = Field(max_length=80)
    where: Box


ZH = {
    "picture": "图片", "Found": "物体", "what": "名称", "where": "位置",
}  # fmt: skip


@task(
    wordings={"zh": "{picture}里有哪些物体，各在什么位置？"},
    purpose={"en": "Finds the objects in a picture, each with its place.", "zh": "找出图片里的物体及其位置。"},
    labels={"en": {"Found": "objects"}, "zh": ZH},
)
def detect(picture: Image) -> list[Found]:
    """What are the objects in {picture}, and where?"""
    ...
