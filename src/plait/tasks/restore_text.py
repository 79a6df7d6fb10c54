"""A text whose gaps, written ___, are filled."""

from plait.core.task.task import task


@task(wordings={"zh": "“{text}”的完整文本是什么？"})
def restore_text(text: str) -> str:
    """What is the complete text of "{text}"?"""
    ...
