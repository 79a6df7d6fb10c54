"""Any question about a picture."""

from plait.core.task.task import task
from plait.types.image import Image


@task(wordings={"zh": "看{picture}：{question}"})
def ask(picture: Image, question: str) -> str:
    """Looking at {picture}: {question}"""
    ...
