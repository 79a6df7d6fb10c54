"""Sort a small company's inbox: what a message is about, how urgent it is, and what it says in a few words."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from plait.core.task.task import task
from plait.core.values.constraints import AnyWords


class Sorted(BaseModel):
    label: Literal["billing", "delivery", "returns", "account", "technical", "sales", "feedback", "spam"]
    urgency: Literal["low", "normal", "high"]
    summary: Annotated[str, AnyWords()] = Field(max_length=80)


ZH = {
    "message": "消息", "Sorted": "分类结果", "label": "主题", "urgency": "紧急程度", "summary": "概括",
    "billing": "账单", "delivery": "配送", "returns": "退货", "account": "账户", "technical": "技术", "sales": "销售",
    "feedback": "反馈", "spam": "垃圾消息", "low": "低", "normal": "一般", "high": "高",
}  # fmt: skip


@task(
    wordings={"zh": "给消息“{message}”分类：属于哪一类，有多紧急，并用几个字概括。"},
    purpose={
        "en": "Sorts a customer's message by topic and urgency, with a summary.",
        "zh": "按主题和紧急程度给客户消息分类，并概括内容。",
    },
    labels={"en": {"Sorted": "sorted message"}, "zh": ZH},
)
def sort_message(message: str) -> Sorted:
    """Sort the message "{message}": what it is about, how urgent it is, and a summary of a few words."""
    ...
