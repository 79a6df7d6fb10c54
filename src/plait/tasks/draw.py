"""A picture of what words describe."""

from plait.core.task.task import task
from plait.types.image import Image


@task(
    wordings={"zh": "完整的图片是什么样的？{description}"},
    purpose={"en": "Draws a picture of what a text describes.", "zh": "按文字描述画一张图。"},
    labels={"zh": {"description": "描述"}},
)
def draw(description: str) -> Image:
    """What is the complete image? {description}"""
    ...
