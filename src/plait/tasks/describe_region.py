"""What stands in one region of a picture."""

from plait.core.task import task
from plait.modalities.box.value import Box
from plait.modalities.image.value import Image


@task(wordings={"zh": "{picture}中{region}区域是什么？"})
def describe_region(picture: Image, region: Box) -> str:
    """What does the region {region} of {picture} show?"""
    ...
