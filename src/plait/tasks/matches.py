"""Whether words are true of a picture."""

from plait.core.task.task import task
from plait.types.image import Image


@task(
    wordings={"zh": "“{text}”说的是{picture}吗？"},
    purpose={"en": "Says whether a text is true of a picture.", "zh": "判断一段文字是否符合图片。"},
    labels={"zh": {"picture": "图片", "text": "文字"}},
)
def matches(picture: Image, text: str) -> bool:
    """Does the text "{text}" describe {picture}?"""
    ...
