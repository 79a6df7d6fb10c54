"""Builds chat completions and text completions of OpenAI's API, whole or as the chunks of a stream."""

import os
import time
from abc import ABC, abstractmethod
from typing import Any, ClassVar

from plait.core.engine.protocol import Finish, Usage
from plait.core.sse import encode_event

DONE = b"data: [DONE]\n\n"


class ResponseBuilder(ABC):
    """Builds one answer under its own id. With `include_usage` its stream ends with the usage."""

    id_prefix: ClassVar[str]
    object_type: ClassVar[str]
    chunk_type: ClassVar[str]

    def __init__(self, model: str, include_usage: bool = False) -> None:
        self.include_usage = include_usage
        self.common_fields = {
            "id": f"{self.id_prefix}-{os.urandom(12).hex()}",
            "created": int(time.time()),
            "model": model,
        }

    @abstractmethod
    def content_fields(self, text: str) -> dict[str, Any]:
        """The whole text."""

    @abstractmethod
    def delta_fields(self, text: str) -> dict[str, Any]:
        """The next part of the text; empty in the last chunk."""

    def completion(self, text: str, end: Finish) -> dict[str, Any]:
        chosen = choice_object(self.content_fields(text), openai_finish_reason(end))
        return {**self.common_fields, "object": self.object_type, "choices": [chosen], "usage": usage_object(end.usage)}

    def first_chunk(self) -> bytes:
        return b""

    def text_chunk(self, text: str) -> bytes:
        return self.chunk_event([choice_object(self.delta_fields(text))])

    def final_chunks(self, end: Finish) -> bytes:
        last = self.chunk_event([choice_object(self.delta_fields(""), openai_finish_reason(end))])
        return last + (self.chunk_event([], usage_object(end.usage)) if self.include_usage else b"") + DONE

    def chunk_event(self, choices: list[Any], usage: dict[str, int] | None = None) -> bytes:
        # With include_usage every chunk has the field, as in OpenAI's API.
        counting = {"usage": usage} if self.include_usage else {}
        return encode_event({**self.common_fields, "object": self.chunk_type, "choices": choices, **counting})


class ChatResponseBuilder(ResponseBuilder):
    id_prefix, object_type, chunk_type = "chatcmpl", "chat.completion", "chat.completion.chunk"

    def content_fields(self, text: str) -> dict[str, Any]:
        return {"message": {"role": "assistant", "content": text, "refusal": None}}

    def delta_fields(self, text: str) -> dict[str, Any]:
        return {"delta": {"content": text} if text else {}}

    def first_chunk(self) -> bytes:
        return self.chunk_event([choice_object({"delta": {"role": "assistant", "content": ""}})])


class CompletionResponseBuilder(ResponseBuilder):
    id_prefix, object_type, chunk_type = "cmpl", "text_completion", "text_completion"

    def content_fields(self, text: str) -> dict[str, Any]:
        return {"text": text}

    def delta_fields(self, text: str) -> dict[str, Any]:
        return {"text": text}


def choice_object(content: dict[str, Any], finish_reason: str | None = None) -> dict[str, Any]:
    return {"index": 0, **content, "logprobs": None, "finish_reason": finish_reason}


def openai_finish_reason(end: Finish) -> str:
    return "stop" if end.reason == "stop" else "length"


def usage_object(usage: Usage) -> dict[str, int]:
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.answer_tokens,
        "total_tokens": usage.prompt_tokens + usage.answer_tokens,
    }
