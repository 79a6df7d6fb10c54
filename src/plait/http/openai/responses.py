"""Answers in OpenAI's words: whole, and in the chunks of a stream."""

import os
import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from plait.core.engine.protocol import End, Usage
from plait.core.values.json_text import dumps

DONE = b"data: [DONE]\n\n"


class Told(ABC):
    """One answer under its own id. `counted` tells that its stream is to end with the usage."""

    prefix: ClassVar[str]
    whole: ClassVar[str]
    chunk: ClassVar[str]

    def __init__(self, model: str, counted: bool = False) -> None:
        self.counted = counted
        self.head = {"id": f"{self.prefix}-{os.urandom(12).hex()}", "created": int(time.time()), "model": model}

    @abstractmethod
    def said(self, text: str) -> dict[str, Any]:
        """The whole text."""

    @abstractmethod
    def more(self, text: str) -> dict[str, Any]:
        """Some more of the text; none at the end."""

    def completion(self, text: str, end: End) -> dict[str, Any]:
        chosen = choice(self.said(text), reason(end))
        return {**self.head, "object": self.whole, "choices": [chosen], "usage": usage(end.usage)}

    def opening(self) -> bytes:
        return b""

    def piece(self, text: str) -> bytes:
        return self.told([choice(self.more(text))])

    def closing(self, end: End) -> bytes:
        last = self.told([choice(self.more(""), reason(end))])
        return last + (self.told([], usage(end.usage)) if self.counted else b"") + DONE

    def told(self, choices: list[Any], counts: dict[str, int] | None = None) -> bytes:
        # Who asked for the usage finds the field in every chunk, as OpenAI has it.
        counting = {"usage": counts} if self.counted else {}
        return data({**self.head, "object": self.chunk, "choices": choices, **counting})


class ToldChat(Told):
    prefix, whole, chunk = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def said(self, text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text, "refusal": None}}

    def more(self, text: str) -> dict[str, Any]:
        return {"delta": {"content": text} if text else {}}

    def opening(self) -> bytes:
        return self.told([choice({"delta": {"role": "assistant", "content": ""}})])


class ToldText(Told):
    prefix, whole, chunk = "cmpl", "text_completion", "text_completion"

    def said(self, text: str) -> dict[str, Any]:
        return {"text": text}

    def more(self, text: str) -> dict[str, Any]:
        return {"text": text}


def choice(words: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, **words, "logprobs": None, "finish_reason": finish_reason}


def reason(end: End) -> str:
    return "stop" if end.whole else "length"


def usage(counted: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": counted.prompt_tokens,
        "completion_tokens": counted.answer_tokens,
        "total_tokens": counted.prompt_tokens + counted.answer_tokens,
    }


def data(told: Any) -> bytes:
    """An event of a stream without a name, as OpenAI's have none."""
    return f"data: {dumps(told)}\n\n".encode()
