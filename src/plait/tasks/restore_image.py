"""A picture whose hole is filled: a scratch, a hand in front of the lens, something that should not be there."""

from plait.core.task.task import task
from plait.types.box import Box
from plait.types.image import Image


@task(
    wordings={"zh": "{picture}中{hole}区域原来是什么样的？"},
    purpose={"en": "Fills in a hole in a picture.", "zh": "补全图片中缺失的区域。"},
    labels={"zh": {"picture": "图片", "hole": "缺口"}},
)
def restore_image(picture: Image, hole: Box) -> Image:
    """What does the complete image of {picture} show in the region {hole}?"""
    ...
