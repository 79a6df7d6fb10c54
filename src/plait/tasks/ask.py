"""Any question about a picture."""

from plait.core.task import task
from plait.modalities.image.value import Image


@task(wordings={"zh": "看{picture}：{question}"})
def ask(picture: Image, question: str) -> str:
    """Looking at {picture}: {question}"""
    ...
