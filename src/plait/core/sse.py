"""Server-sent events (HTML standard, 9.2), reader and writer: for the server, the client and engines of remote servers.

The reader keeps at most one line and one event in memory. Lines end only with LF, CR or CRLF: `str.splitlines`, and
therefore httpx's `aiter_lines`, also splits at U+0085, U+2028 and U+2029, which JSON may contain.
"""

import re
from collections.abc import AsyncGenerator, AsyncIterable
from contextlib import aclosing
from dataclasses import dataclass

from plait.core.values.json_text import dumps

MEDIA_TYPE = "text/event-stream"
MAX_EVENT_BYTES = 64 * 1024 * 1024  # of one line or event: an answer may hold an image as a data URL
LINE_END = re.compile(rb"\r\n|\r|\n")
BYTE_ORDER_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class ServerSentEvent:
    """One event. `data` are its data lines as bytes, joined by line feeds; Plait writes one JSON value per event."""

    name: str
    data: bytes


class StreamTooLarge(ValueError):
    """`part` of the stream ("a line", "an event", "a stream") exceeds `limit` bytes."""

    def __init__(self, part: str, limit: int) -> None:
        super().__init__(f"{part} of more than {limit:,} bytes")
        self.part, self.limit = part, limit


def encode_event(payload: object, name: str = "") -> bytes:
    """The event of a JSON value, on one line; without a name as in OpenAI's streams."""
    first = f"event: {name}\n" if name else ""
    return f"{first}data: {dumps(payload)}\n\n".encode()


async def iter_events(
    chunks: AsyncIterable[bytes], *, max_bytes: int = MAX_EVENT_BYTES
) -> AsyncGenerator[ServerSentEvent, None]:
    """The events of a stream. An event that the end of the stream cuts off is dropped.

    Raises StreamTooLarge for a line, or the data of an event, above `max_bytes`.
    """
    name, data, size = "", list[bytes](), 0
    async with aclosing(iter_fields(chunks, max_bytes)) as fields:
        async for field, value in fields:
            if field == "data":
                data.append(value)
                size += len(value) + 1
                if size > max_bytes + 1:
                    raise StreamTooLarge("an event", max_bytes)
            elif field == "event":
                name = value.decode(errors="replace")
            elif not field:
                if data:
                    yield ServerSentEvent(name or "message", b"\n".join(data))
                name, data, size = "", list[bytes](), 0


async def iter_fields(
    chunks: AsyncIterable[bytes], max_line_bytes: int = MAX_EVENT_BYTES, max_stream_bytes: int | None = None
) -> AsyncGenerator[tuple[str, bytes], None]:
    """The fields of a stream without comments; ("", b"") marks the end of an event."""
    start, has_field = True, False
    async with aclosing(iter_lines(chunks, max_line_bytes, max_stream_bytes)) as batches:
        async for lines in batches:
            for line in lines:
                if start:
                    line, start = line.removeprefix(BYTE_ORDER_MARK), False
                if line and not line.startswith(b":"):
                    field, _, value = line.partition(b":")
                    has_field = True
                    yield field.decode(errors="replace"), value.removeprefix(b" ")
                elif has_field and not line:
                    has_field = False
                    yield "", b""


async def iter_lines(
    chunks: AsyncIterable[bytes], max_line_bytes: int, max_stream_bytes: int | None
) -> AsyncGenerator[list[bytes], None]:
    """The lines that each chunk completes, without line ends; the last line may lack one.

    Yields one list per chunk, because one step of an async generator for each of a million empty lines takes seconds.
    """
    pending, total, after_cr = bytearray(), 0, False
    async for chunk in chunks:
        total += len(chunk)
        if max_stream_bytes is not None and total > max_stream_bytes:
            raise StreamTooLarge("a stream", max_stream_bytes)
        if after_cr and chunk:
            chunk = chunk.removeprefix(b"\n")  # the LF of a CRLF that was split between two chunks
            after_cr = False
        after_cr = after_cr or chunk.endswith(b"\r")
        first, *more = LINE_END.split(chunk)
        pending += first
        if max(len(pending), *map(len, more), 0) > max_line_bytes:
            raise StreamTooLarge("a line", max_line_bytes)
        if more:
            yield [bytes(pending), *more[:-1]]
            pending = bytearray(more[-1])
    if pending:
        yield [bytes(pending)]
