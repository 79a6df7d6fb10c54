"""What stands in one region of a picture."""

from plait.core.task.task import task
from plait.types.box import Box
from plait.types.image import Image


@task(
    wordings={"zh": "{picture}中{region}区域是什么？"},
    purpose={"en": "Says what a region of a picture shows.", "zh": "说出图片中某个区域里有什么。"},
    labels={"zh": {"picture": "图片", "region": "区域"}},
)
def describe_region(picture: Image, region: Box) -> str:
    """What does the region {region} of {picture} show?"""
    ...
