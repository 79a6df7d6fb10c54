"""Any question about a picture."""

from plait.core.task.task import task
from plait.types.image import Image


@task(
    wordings={"zh": "看{picture}：{question}"},
    purpose={"en": "Answers a question about a picture.", "zh": "回答关于图片的问题。"},
    labels={"zh": {"picture": "图片", "question": "问题"}},
)
def ask(picture: Image, question: str) -> str:
    """Looking at {picture}: {question}"""
    ...
