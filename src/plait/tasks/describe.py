"""A picture in one sentence."""

from plait.core.task.task import task
from plait.types.image import Image


@task(wordings={"zh": "{picture}里有什么？"})
def describe(picture: Image) -> str:
    """What does {picture} show?"""
    ...
