"""The server-sent events of a streamed completion as pieces: bounded, and an error where they end in the middle."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

import httpx
from pydantic import BaseModel, ConfigDict, JsonValue, NonNegativeInt, ValidationError

from plait.core.byte_lines import lines
from plait.core.calls.event_loop import closing
from plait.core.config import Server
from plait.core.engine.protocol import End, Piece, Usage
from plait.core.errors import EngineError, PlaitError
from plait.service.engines.openai.refusals import IS_ONE_THERE, LOG, QUOTED, error_of, readable, refusal

LINE = 1024 * 1024  # bytes
EVENT = 8 * 1024  # bytes that the event of one token may have; usual ones have 200 to 400
ENDS_WITHIN = 0.05  # seconds from the last event to the end of the response
CHARACTERS = 128  # of one token: the longest in use are runs of 128 spaces


class Told(BaseModel):
    model_config = ConfigDict(frozen=True)


class Delta(Told):
    """More of an answer. What a model thinks (`reasoning_content`) stands beside `content` and is no part of it."""

    content: str | None = None
    refusal: str | None = None


class Option(Told):
    delta: Delta | None = None
    finish_reason: str | None = None


class Count(Told):
    prompt_tokens: NonNegativeInt | None = None
    completion_tokens: NonNegativeInt | None = None


class Chunk(Told):
    model: str | None = None
    choices: tuple[Option, ...] | None = None
    usage: Count | None = None
    error: JsonValue = None
    object: str | None = None


@dataclass
class Stream:
    """One completion while it is read. `limit` is the most tokens of its answer, `model` what the server reports."""

    response: httpx.Response
    name: str
    server: Server
    limit: int
    model: str = field(default="", init=False)
    finish: str = field(default="", init=False)
    done: bool = field(default=False, init=False)
    count: Count | None = field(default=None, init=False)
    pieces: int = field(default=0, init=False)
    characters: int = field(default=0, init=False)

    async def events(self) -> AsyncIterator[Piece | End]:
        """The answer, then End. Raises EngineError in the server's words, or where it is cut off."""
        await self.check_kind()
        async with closing(self.chunks()) as chunks, closing(lines(chunks)) as told:
            why = "nothing says that the answer is over"
            try:
                async for line in told:
                    for piece in self.heard(line):
                        yield piece
                    if self.done:
                        break
            except httpx.TransportError as fault:
                why = str(fault) or type(fault).__name__
            if not (self.finish or self.done):
                raise self.cut(why)
            yield self.end()
            await drained(told)

    async def check_kind(self) -> None:
        kind = self.response.headers.get("content-type", "").partition(";")[0].strip().lower()
        if kind == "text/event-stream":
            return
        content = await beginning(self.response)
        refused = refusal(self.response.status_code, content, self.server)
        if refused.words:
            raise error_of(refused, self.name, self.server)  # some say 200 and mean an error
        raise EngineError(
            f"{self.name} answered {kind or 'something without a type'} instead of a stream: {refused.quoted}",
            way_out=IS_ONE_THERE,
        )

    async def chunks(self) -> AsyncIterator[bytes]:
        """The bytes of the response, as long as neither they nor a line of them are beyond what an answer needs."""
        most, total, line = LINE + EVENT * self.limit, 0, 0
        async with closing(self.response.aiter_raw()) as raw:
            async for chunk in raw:
                total += len(chunk)
                end = chunk.rfind(b"\n")
                line = line + len(chunk) if end < 0 else len(chunk) - end - 1
                if line > LINE or total > most:
                    raise self.too_much(*(("a line", LINE) if line > LINE else ("a stream", most)))
                yield chunk

    def heard(self, line: bytes) -> list[Piece]:
        field_name, _, value = line.partition(b":")
        if field_name not in (b"data", b"error"):  # llama.cpp's server has written its errors as `error: {...}`
            return []
        value = value.strip()
        if value == b"[DONE]":
            self.done = True
            return []
        chunk = self.chunk(value)
        if field_name == b"error" or chunk.error is not None or chunk.object == "error":
            raise self.failed(value)
        self.model = chunk.model or self.model
        self.count = chunk.usage or self.count
        return [Piece(text) for option in (chunk.choices or ())[:1] if (text := self.said(option))]

    def chunk(self, value: bytes) -> Chunk:
        try:
            return Chunk.model_validate_json(value)
        except ValidationError:
            shown = readable(value.decode(errors="replace"), QUOTED, self.server)
            raise EngineError(
                f"{self.name} sent what is no part of a chat completion: {shown}", way_out=IS_ONE_THERE
            ) from None

    def said(self, option: Option) -> str:
        delta = option.delta or Delta()
        if delta.refusal:
            words = readable(delta.refusal, QUOTED * 4, self.server)
            raise EngineError(f"{self.name} will not answer: {words}", way_out="ask otherwise, or name another model")
        self.finish = option.finish_reason or self.finish
        if self.finish == "content_filter":
            raise EngineError(f"{self.name} stopped: its filter of content", way_out="ask otherwise")
        text = delta.content or ""
        self.pieces += bool(text)
        self.characters += len(text)
        if self.characters > CHARACTERS * self.limit:
            raise EngineError(
                f"{self.name} wrote more than {self.limit:,} tokens can hold: {self.characters:,} characters",
                way_out="does it keep to max_tokens?",
            )
        return text

    def end(self) -> End:
        """Where the server counts nothing, pieces are counted: about one for each token of an answer."""
        counted = self.count or Count(completion_tokens=self.pieces)
        usage = Usage(counted.prompt_tokens or 0, counted.completion_tokens or 0)
        return End(usage, whole=self.finish != "length")

    def failed(self, value: bytes) -> PlaitError:
        refused = refusal(self.response.status_code, value, self.server)
        if refused.limit:
            return error_of(refused, self.name, self.server)
        return EngineError(f"{self.name} stopped: {refused.words or refused.quoted}", way_out=LOG)

    def cut(self, why: str) -> EngineError:
        return EngineError(f"{self.name} closed in the middle of an answer ({why})", way_out=f"ask again; {LOG}")

    def too_much(self, what: str, size: int) -> EngineError:
        return EngineError(
            f"{self.name} sent {what} of more than {size:,} bytes for an answer of {self.limit:,} tokens",
            way_out=IS_ONE_THERE,
        )


async def drained(told: AsyncIterator[bytes]) -> None:
    """Reads on to the end of the response, which comes at once: only then can its connection be used again.

    The answer is whole by now, so nothing that goes wrong here is anything to it.
    """
    with suppress(TimeoutError, httpx.TransportError, EngineError):
        async with asyncio.timeout(ENDS_WITHIN):
            async for _ in told:
                pass


async def beginning(response: httpx.Response, most: int = 64 * 1024) -> bytes:
    """The first bytes of a body that is an error, or none of ours."""
    found = b""
    try:
        async for chunk in response.aiter_raw():
            found += chunk
            if len(found) >= most:
                break
    except httpx.TransportError:
        pass  # what there is of an error is worth more than why there is no more
    return found[:most]
