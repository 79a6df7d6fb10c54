"""Answer a question from passages, each sentence with the passage that says so, or with none where none does."""

from typing import Annotated

from pydantic import BaseModel

from plait.core.task.signature import Ref
from plait.core.task.task import task
from plait.core.values.constraints import AnyWords


class Sentence(BaseModel):
    text: Annotated[str, AnyWords()]
    source: Ref[str] | None  # the passage that supports it, or unsupported


ZH = {
    "question": "问题", "passages": "段落", "Sentence": "句子", "text": "内容", "source": "出处",
}  # fmt: skip


@task(
    wordings={"zh": "根据{passages}逐句回答“{question}”，并指出每句话所依据的段落。"},
    purpose={
        "en": "Answers a question from passages, and names the passage behind each sentence.",
        "zh": "根据给定的段落回答问题，并指出每句话的出处。",
    },
    labels={"en": {"Sentence": "sentences with their passages"}, "zh": ZH},
)
def cited_answer(question: str, passages: list[str]) -> list[Sentence]:
    """Answer {question} from {passages}, sentence by sentence, naming the passage that supports each."""
    ...
