"""Where in a picture something is that words describe."""

from plait.core.task.task import task
from plait.types.box import Box
from plait.types.image import Image


@task(
    wordings={"zh": "{picture}里“{phrase}”指的是哪个区域？"},
    purpose={"en": "Finds the region of a picture that a phrase describes.", "zh": "找出一句话所指的图片区域。"},
    labels={"zh": {"picture": "图片", "phrase": "短语"}},
)
def locate(picture: Image, phrase: str) -> Box:
    """Which region of {picture} does the text "{phrase}" describe?"""
    ...
