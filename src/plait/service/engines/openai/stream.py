"""Reads a streamed completion (server-sent events) as text deltas, with bounded size. Ending early is an error.

A server that cannot stream sends the whole completion as JSON: its text is one delta.
"""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import cast

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, NonNegativeInt, ValidationError

from plait.core.engine.protocol import Finish, TextDelta, Usage
from plait.core.errors import EngineError, PlaitError
from plait.core.sse import MEDIA_TYPE, StreamTooLarge, iter_fields
from plait.service.engines.openai.config import Config
from plait.service.engines.openai.log_probs import token_probs
from plait.service.engines.openai.refusals import LOG_HINT, MAX_EXCERPT, SERVER_HINT, parse_refusal, sanitize, to_error

JSON_TYPE = "application/json"
MAX_LINE_BYTES = 1024 * 1024  # bytes
MAX_EVENT_BYTES = 8 * 1024  # bytes of the event of one token; typical events have 200 to 400
DRAIN_TIMEOUT = 0.05  # seconds from the last event to the end of the response
MAX_TOKEN_CHARACTERS = 128  # characters of one token; the longest tokens in use are runs of 128 spaces


class FrozenModel(BaseModel):
    model_config = ConfigDict(frozen=True)


class ChunkDelta(FrozenModel):
    """The next part of an answer. `reasoning_content`, which some servers send beside it, is ignored."""

    content: str | None = None
    refusal: str | None = None


class ChunkChoice(FrozenModel):
    """A choice of a chunk, or of a whole completion, which has a `message` instead of a `delta`."""

    delta: ChunkDelta | None = None
    message: ChunkDelta | None = None
    finish_reason: str | None = None
    logprobs: JsonValue = None


class ChunkUsage(FrozenModel):
    prompt_tokens: NonNegativeInt | None = None
    completion_tokens: NonNegativeInt | None = None


class ChatCompletionChunk(FrozenModel):
    model: str | None = None
    choices: tuple[ChunkChoice, ...] | None = None
    usage: ChunkUsage | None = None
    error: JsonValue = None
    object: str | None = None


@dataclass
class CompletionStream:
    """One streamed completion. `max_tokens` bounds its size; `model` is the name that the server reports."""

    response: httpx.Response
    name: str
    server: Config
    max_tokens: int
    model: str = field(default="", init=False)
    finish_reason: str = field(default="", init=False)
    done: bool = field(default=False, init=False)
    usage: ChunkUsage | None = field(default=None, init=False)
    delta_count: int = field(default=0, init=False)
    characters: int = field(default=0, init=False)

    async def events(self) -> AsyncGenerator[TextDelta | Finish, None]:
        """The text deltas, then Finish. Raises EngineError for an error event and for a stream that ends early."""
        bounds = (MAX_LINE_BYTES, MAX_LINE_BYTES + MAX_EVENT_BYTES * self.max_tokens)
        if self.content_type != MEDIA_TYPE:
            for event in await self.whole_completion(bounds[1]):
                yield event
            return
        raw = cast(
            "AsyncGenerator[bytes, None]", self.response.aiter_raw()
        )  # an async generator, typed as AsyncIterator
        async with aclosing(raw) as chunks, aclosing(iter_fields(chunks, *bounds)) as fields:
            reason = "without an end marker"
            try:
                async for name, value in fields:
                    for delta in self.parse_field(name, value):
                        yield delta
                    if self.done:
                        break
            except httpx.TransportError as error:
                reason = str(error) or type(error).__name__
            except StreamTooLarge as error:
                raise self.too_large_error(error) from None
            if not (self.finish_reason or self.done):
                raise self.truncated_error(reason)
            yield self.finish_event()
            await drain(fields)

    @property
    def content_type(self) -> str:
        return self.response.headers.get("content-type", "").partition(";")[0].strip().lower()

    async def whole_completion(self, max_bytes: int) -> list[TextDelta | Finish]:
        """The events of a completion that was sent as one JSON text. Raises EngineError if it is something else."""
        is_json = self.content_type == JSON_TYPE
        content = await read_start(self.response, max_bytes) if is_json else await read_start(self.response)
        if is_json and is_completion(content):
            return [*self.parse_field("data", content), self.finish_event()]
        refusal = parse_refusal(self.response.status_code, content, self.server)
        if refusal.message:
            raise to_error(refusal, self.name, self.server)  # some servers send an error with status 200
        kind = self.content_type or "something without a type"
        raise EngineError(f"{self.name} answered {kind} instead of a stream: {refusal.excerpt}", hint=SERVER_HINT)

    def parse_field(self, name: str, value: bytes) -> list[TextDelta]:
        """Parses each data line as a chunk, because some servers omit the empty line after an event."""
        if name not in ("data", "error"):  # versions of llama.cpp's server write errors as `error: {...}`
            return []
        value = value.strip()
        if value == b"[DONE]":
            self.done = True
            return []
        chunk = self.parse_chunk(value)
        if name == "error" or chunk.error is not None or chunk.object == "error":
            raise self.stream_error(value)
        self.model = chunk.model or self.model
        self.usage = chunk.usage or self.usage
        deltas = [
            TextDelta(self.choice_text(option), token_probs(option.logprobs)) for option in (chunk.choices or ())[:1]
        ]
        return [delta for delta in deltas if delta.text or delta.tokens]

    def parse_chunk(self, value: bytes) -> ChatCompletionChunk:
        try:
            return ChatCompletionChunk.model_validate_json(value)
        except ValidationError:
            excerpt = sanitize(value.decode(errors="replace"), MAX_EXCERPT, self.server)
            raise EngineError(
                f"{self.name} sent something other than a chat completion chunk: {excerpt}", hint=SERVER_HINT
            ) from None

    def choice_text(self, choice: ChunkChoice) -> str:
        delta = choice.delta or choice.message or ChunkDelta()
        if delta.refusal:
            message = sanitize(delta.refusal, MAX_EXCERPT * 4, self.server)
            raise EngineError(
                f"{self.name} declines to answer: {message}", hint="change the prompt, or use another model"
            )
        self.finish_reason = choice.finish_reason or self.finish_reason
        if self.finish_reason == "content_filter":
            raise EngineError(
                f"{self.name} stopped because of its content filter", hint="change the prompt, or use another model"
            )
        text = delta.content or ""
        self.delta_count += bool(text)
        self.characters += len(text)
        if self.characters > MAX_TOKEN_CHARACTERS * self.max_tokens:
            raise EngineError(
                f"{self.name} wrote more than {self.max_tokens:,} tokens can hold: {self.characters:,} characters",
                hint="the server seems to ignore max_tokens",
            )
        return text

    def finish_event(self) -> Finish:
        """The final event. If the server sends no usage, deltas are counted: about one per token."""
        reported = self.usage or ChunkUsage(completion_tokens=self.delta_count)
        usage = Usage(reported.prompt_tokens or 0, reported.completion_tokens or 0)
        return Finish(usage, "length" if self.finish_reason == "length" else "stop")

    def stream_error(self, value: bytes) -> PlaitError:
        refusal = parse_refusal(self.response.status_code, value, self.server)
        if refusal.limit:
            return to_error(refusal, self.name, self.server)
        return EngineError(f"{self.name} stopped: {refusal.message or refusal.excerpt}", hint=LOG_HINT)

    def truncated_error(self, reason: str) -> EngineError:
        return EngineError(
            f"{self.name} closed the stream in the middle of an answer ({reason})", hint=f"try again; {LOG_HINT}"
        )

    def too_large_error(self, error: StreamTooLarge) -> EngineError:
        return EngineError(
            f"{self.name} sent {error} for an answer of {self.max_tokens:,} tokens",
            hint=SERVER_HINT,
        )


def is_completion(content: bytes) -> bool:
    """Whether a JSON text is a whole completion with an answer."""
    try:
        choices = ChatCompletionChunk.model_validate_json(content).choices
    except ValidationError:
        return False
    return bool(choices) and choices[0].message is not None


async def drain(fields: AsyncIterator[object]) -> None:
    """Reads to the end of the response, so that its connection can be reused.

    The answer is complete at this point, so errors are ignored.
    """
    with suppress(TimeoutError, httpx.TransportError, StreamTooLarge):
        async with asyncio.timeout(DRAIN_TIMEOUT):
            async for _ in fields:
                pass


async def read_start(response: httpx.Response, max_bytes: int = 64 * 1024) -> bytes:
    """The first bytes of a body, for an error message."""
    content = b""
    try:
        async for chunk in response.aiter_raw():
            content += chunk
            if len(content) >= max_bytes:
                break
    except httpx.TransportError:
        pass  # a partial error message is more useful than the reason why it is partial
    return content[:max_bytes]
