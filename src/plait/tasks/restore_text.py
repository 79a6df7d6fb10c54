"""A text whose gaps, written ___, are filled."""

from plait.core.task.task import task


@task(
    wordings={"zh": "“{text}”的完整文本是什么？"},
    purpose={"en": "Fills in the gaps of a text.", "zh": "补全文本中的空缺。"},
    labels={"zh": {"text": "文本"}},
)
def restore_text(text: str) -> str:
    """What is the complete text of "{text}"?"""
    ...
