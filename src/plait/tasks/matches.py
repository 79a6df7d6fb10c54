"""Whether words are true of a picture."""

from plait.core.task.task import task
from plait.types.image import Image


@task(wordings={"zh": "“{text}”说的是{picture}吗？"})
def matches(picture: Image, text: str) -> bool:
    """Does the text "{text}" describe {picture}?"""
    ...
