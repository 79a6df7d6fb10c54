"""A picture in one sentence."""

from plait.core.task import task
from plait.modalities.image.value import Image


@task(wordings={"zh": "{picture}里有什么？"})
def describe(picture: Image) -> str:
    """What does {picture} show?"""
    ...
