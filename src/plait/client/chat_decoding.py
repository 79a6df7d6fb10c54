"""Decodes a Plait server's streamed chat completion into text deltas and Finish."""

from collections.abc import AsyncGenerator, AsyncIterator
from typing import Any

from plait.client.response_decoding import error_from_json, parse_json
from plait.core.engine.protocol import Finish, FinishReason, TextDelta, Usage
from plait.core.errors import ServerError

DONE = b"[DONE]"


async def parse_chat_stream(stream: AsyncIterator[bytes], url: str) -> AsyncGenerator[TextDelta | Finish, None]:
    """Text deltas, then Finish. Raises the server's error, ServerError for a malformed or truncated stream."""
    reason: FinishReason | None = None
    usage = Usage()
    async for data in stream:
        if data == DONE:
            if reason is None:
                break
            yield Finish(usage, reason)
            return
        chunk = parse_json(data, url)
        try:
            if "error" in chunk:
                raise error_from_json(chunk["error"])
            for choice in chunk["choices"]:
                if text := choice["delta"].get("content"):
                    yield TextDelta(text)
                if choice["finish_reason"]:
                    reason = "stop" if choice["finish_reason"] == "stop" else "length"
            if chunk.get("usage"):
                usage = parse_usage(chunk["usage"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ServerError(f"{url} streams something other than a chat completion: {error!r}") from None
    raise ServerError(f"{url} closed the connection in the middle of an answer", hint="try again")


def parse_usage(payload: Any) -> Usage:
    return Usage(payload["prompt_tokens"], payload["completion_tokens"])
