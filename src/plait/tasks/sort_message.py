"""Sort a small company's inbox: what a message is about, how urgent it is, and what it says in a few words."""

from typing import Annotated, Literal

from pydantic import BaseModel, Field

from plait.core.task.task import task
from plait.core.values.constraints import AnyWords


class Sorted(BaseModel):
    label: Literal["billing", "delivery", "returns", "account", "technical", "sales", "feedback", "spam"]
    urgency: Literal["low", "normal", "high"]
    summary: Annotated[str, AnyWords()] = Field(max_length=80)


@task(wordings={"zh": "给消息“{message}”分类：属于哪一类，有多紧急，并用几个字概括。"})
def sort_message(message: str) -> Sorted:
    """Sort the message "{message}": what it is about, how urgent it is, and a summary of a few words."""
    ...
