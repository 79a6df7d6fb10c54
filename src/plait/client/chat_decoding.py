"""A chat completion that a Plait server streams, as pieces and their end."""

from collections.abc import AsyncIterator
from typing import Any

from plait.client.response_decoding import parsed, rebuilt
from plait.core.engine.protocol import End, Piece, Usage
from plait.core.errors import ServerError

DONE = b"[DONE]"


async def said(stream: AsyncIterator[bytes], url: str) -> AsyncIterator[Piece | End]:
    """Raises the server's error as the error it was there; ServerError for a stream that is none, or breaks off."""
    whole: bool | None = None
    usage = Usage()
    async for data in stream:
        if data == DONE:
            if whole is None:
                break
            yield End(usage, whole)
            return
        chunk = parsed(data, url)
        try:
            if "error" in chunk:
                raise rebuilt(chunk["error"])
            for choice in chunk["choices"]:
                if text := choice["delta"].get("content"):
                    yield Piece(text)
                if choice["finish_reason"]:
                    whole = choice["finish_reason"] == "stop"
            if chunk.get("usage"):
                usage = usage_in(chunk["usage"])
        except (KeyError, TypeError, AttributeError) as fault:
            raise ServerError(f"{url} streams something that is no chat completion: {fault!r}") from None
    raise ServerError(f"{url} broke off in the middle of an answer", way_out="ask again")


def usage_in(told: Any) -> Usage:
    return Usage(told["prompt_tokens"], told["completion_tokens"])
