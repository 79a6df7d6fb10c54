"""A server in a thread, down to its bytes: what an OpenAI-compatible server says, and all that it may do wrong."""

import asyncio
import json
import threading
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

Reply = Callable[[asyncio.StreamWriter], Awaitable[None]]
SSE = "text/event-stream; charset=utf-8"
ORDER = '{"what":"nails","pieces":2,"due":"2026-03-14","size":"large"}'


@dataclass(frozen=True)
class RecordedRequest:
    """One request."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: Any


@dataclass
class Peer:
    """A server on loopback. The nth call is answered with the nth reply, all later ones with the last."""

    replies: Sequence[Reply]
    models: Sequence[str] = ("m",)
    heard: list[RecordedRequest] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def calls(self) -> list[RecordedRequest]:
        return [each for each in self.heard if each.path == "/v1/chat/completions"]

    @property
    def bodies(self) -> list[Any]:
        return [each.body for each in self.calls]

    async def connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        self.open += 1
        try:
            while not (reader.at_eof() or writer.is_closing()):
                self.heard.append(incoming := await request(reader))
                await self.answered(incoming, reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
            pass  # the client disconnected, or the test is over
        finally:
            self.open -= 1
            writer.close()

    async def answered(
        self, request: RecordedRequest, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Sends the reply; stops when the client disconnects, like a server that watches its connections."""
        answering = asyncio.ensure_future(self.reply(request)(writer))
        try:
            while not (answering.done() or reader.at_eof() or writer.is_closing()):
                await asyncio.wait({answering}, timeout=0.01)
        finally:
            answering.cancel()
            await asyncio.wait({answering})
        if not answering.cancelled():
            answering.result()

    def reply(self, request: RecordedRequest) -> Reply:
        if request.path == "/v1/models":
            model_list = {"object": "list", "data": [{"id": name, "object": "model"} for name in self.models]}
            return reply_status(200, json.dumps(model_list))
        if request.path != "/v1/chat/completions":
            return reply_status(404, "not here")
        return self.replies[min(len(self.calls), len(self.replies)) - 1]


async def request(reader: asyncio.StreamReader) -> RecordedRequest:
    head = await reader.readuntil(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    method, path, _ = first.split(" ")
    headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines if line)}
    content = await reader.readexactly(int(headers.get("content-length", 0)))
    return RecordedRequest(method, path, headers, json.loads(content) if content else None)


@contextmanager
def peer(*replies: Reply, models: Sequence[str] = ("m",)) -> Iterator[Peer]:
    there = Peer(replies, models)
    loop = asyncio.new_event_loop()
    server = loop.run_until_complete(asyncio.start_server(there.connected, "127.0.0.1", 0))
    there.port = server.sockets[0].getsockname()[1]
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield there
    finally:
        asyncio.run_coroutine_threadsafe(stop_server(server), loop).result(5)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(5)
        loop.close()


async def stop_server(server: asyncio.Server) -> None:
    server.close()
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)


# ── what it says ──


def events(text: str, *, piece: int = 7, finish: str | None = "stop", usage: bool = True, **more: Any) -> list[bytes]:
    """A streamed completion, event by event, as OpenAI, vLLM and llama.cpp write it."""
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": None}]
    deltas += [{"content": text[start : start + piece]} for start in range(0, len(text), piece)]
    chunks: list[dict[str, Any]] = [
        {"choices": [{"index": 0, "delta": delta, "finish_reason": None}], "usage": None} for delta in deltas
    ]
    if finish is not None:
        chunks.append({"choices": [{"index": 0, "delta": {}, "finish_reason": finish}]})
    if usage:
        chunks.append({"choices": [], "usage": {"prompt_tokens": 21, "completion_tokens": 9}})
    shared = {"id": "c1", "object": "chat.completion.chunk", "created": 1, "model": "m-2026", **more}
    return [event({**shared, **chunk}) for chunk in chunks] + [b"data: [DONE]\n\n"]


def event(payload: Any) -> bytes:
    return b"data: " + json.dumps(payload, ensure_ascii=False).encode() + b"\n\n"


def reply_text(text: str, **how: Any) -> Reply:
    return reply_parts(events(text, **how))


def reply_parts(
    parts: Sequence[bytes], *, kind: str = SSE, pause: float = 0.0, cut: bool = False, then: Reply | None = None
) -> Reply:
    """The parts as chunks of one response. `cut` closes the connection where the response is not over."""

    async def reply(writer: asyncio.StreamWriter) -> None:
        writer.write(f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\ntransfer-encoding: chunked\r\n\r\n".encode())
        for part in parts:
            writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            await writer.drain()
            await asyncio.sleep(pause)
        if then:
            await then(writer)
        if cut:
            writer.close()
        else:
            writer.write(b"0\r\n\r\n")
            await writer.drain()

    return reply


def reply_status(code: int, body: str | bytes = "", *, kind: str = "application/json", **headers: str) -> Reply:
    content = body.encode() if isinstance(body, str) else body
    more = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())

    async def reply(writer: asyncio.StreamWriter) -> None:
        head = f"HTTP/1.1 {code} X\r\ncontent-type: {kind}\r\n{more}content-length: {len(content)}\r\n\r\n"
        writer.write(head.encode() + content)
        await writer.drain()

    return reply


def reply_error(code: int, message: str, **headers: str) -> Reply:
    return reply_status(code, json.dumps({"error": {"message": message, "type": "invalid_request_error"}}), **headers)


async def never_reply(writer: asyncio.StreamWriter) -> None:
    await asyncio.Event().wait()


async def hang_up(writer: asyncio.StreamWriter) -> None:
    writer.close()
