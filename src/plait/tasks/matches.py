"""Whether words are true of a picture."""

from plait.core.task import task
from plait.modalities.image.value import Image


@task(wordings={"zh": "“{text}”说的是{picture}吗？"})
def matches(picture: Image, text: str) -> bool:
    """Does the text "{text}" describe {picture}?"""
    ...
