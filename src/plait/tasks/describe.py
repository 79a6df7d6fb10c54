"""A picture in one sentence."""

from plait.core.task.task import task
from plait.types.image import Image


@task(
    wordings={"zh": "{picture}里有什么？"},
    purpose={"en": "Says what a picture shows.", "zh": "说出图片里有什么。"},
    labels={"zh": {"picture": "图片"}},
)
def describe(picture: Image) -> str:
    """What does {picture} show?"""
    ...
