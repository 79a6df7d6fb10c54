"""Time that the `openai` engine adds to a call: a typed answer through it, over bare httpx reading the same stream.

The server is a separate process that writes a scripted answer of 40 events at once. Both sides send the same request
and read the response to its end; the engine also builds the request and checks every event, and the validation gate
decodes the value. Budget: at most 2 ms added at the median.

    python -m benchmarks.openai_engine
"""

import asyncio
import json
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from typing import Any

import httpx

from benchmarks.measure import median, report
from plait.core.engine.chat import ChatEngine
from plait.core.engine.protocol import TaskRequest
from plait.core.engine.validation import answer_events
from plait.core.values.call_context import call_context
from plait.service.engines.openai.config import Config
from plait.service.engines.openai.engine import OpenAI
from plait.tasks.extract_invoice import extract_invoice

CALLS, ROUNDS = 200, 9
ANSWER = {
    "number": "2026-0031",
    "issued": "2026-03-14",
    "seller": "Marrowbeg Books & Paper Ltd",
    "lines": [{"what": f"article {n}", "quantity": 2, "price": 9.9} for n in range(3)],
    "currency": "EUR",
}
LETTER = {
    "text": "Marrowbeg Books & Paper Ltd, invoice 2026-0031 of 14 March 2026: three articles, two of each at 9.90 EUR."
}


async def main() -> None:
    server, url = start_server()
    engine = ChatEngine(OpenAI("scripted", Config(url=url, name="m")))
    try:
        async with httpx.AsyncClient(timeout=None, trust_env=False) as http:
            through, bare = EngineCall(engine), RawHttpCall(http, f"{url}/chat/completions", await request_body(engine))
            timings: dict[str, list[float]] = {"bare": [], "engine": [], "added": []}
            await milliseconds(bare.call), await milliseconds(through.call)
            for _ in range(ROUNDS):
                # Interleaved call by call, so that load on this machine slows both.
                one, other = await alternate_timings(bare.call, through.call)
                timings["bare"].append(median(one))
                timings["engine"].append(median(other))
                timings["added"].append(median(other) - median(one))
    finally:
        await engine.aclose()
        server.terminate()
        server.wait()
    report(
        "openai_engine",
        {
            "milliseconds_p50": {name: round(median(values), 3) for name, values in timings.items()},
            "added_worst_round": round(max(timings["added"]), 3),
            "calls": CALLS * ROUNDS,
        },
    )


async def alternate_timings(
    first: Callable[[], Awaitable[None]], second: Callable[[], Awaitable[None]]
) -> tuple[list[float], list[float]]:
    pairs = [(await milliseconds(first), await milliseconds(second)) for _ in range(CALLS)]
    return [one for one, _ in pairs], [other for _, other in pairs]


async def milliseconds(call: Callable[[], Awaitable[None]]) -> float:
    started = time.perf_counter()
    await call()
    return (time.perf_counter() - started) * 1e3


class EngineCall:
    """The engine with the validation gate, as in a call of the task."""

    def __init__(self, engine: ChatEngine) -> None:
        self.engine = engine
        declaration = extract_invoice.declaration
        self.request = TaskRequest(declaration, LETTER, call_context(declaration, LETTER, by_name=True))

    async def call(self) -> None:
        async with aclosing(answer_events(self.engine, self.request, streamed=False, timeout=30)) as events:
            assert [event async for event in events][-1].value.number == "2026-0031"  # type: ignore[union-attr]


class RawHttpCall:
    """Bare httpx: sends the same bytes, reads each line, and concatenates the texts of the events."""

    def __init__(self, http: httpx.AsyncClient, url: str, body: dict[str, Any]) -> None:
        self.http, self.url, self.body = http, url, body

    async def call(self) -> None:
        text = ""
        async with self.http.stream("POST", self.url, json=self.body) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: {"):
                    for choice in json.loads(line[6:])["choices"]:
                        text += choice["delta"].get("content") or ""
        assert text == json.dumps(ANSWER)


async def request_body(engine: ChatEngine) -> dict[str, Any]:
    """The exact body that the engine sends."""
    chats = engine.model
    assert isinstance(chats, OpenAI)
    sent: list[dict[str, Any]] = []
    post = chats.post

    async def record_post(path: str, body: dict[str, Any]) -> httpx.Response:
        sent.append(body)
        return await post(path, body)

    chats.post = record_post  # type: ignore[method-assign]
    await EngineCall(engine).call()
    chats.post = post  # type: ignore[method-assign]
    return sent[0]


def start_server() -> "tuple[subprocess.Popen[str], str]":
    server = subprocess.Popen(
        [sys.executable, "-m", "benchmarks.openai_engine", "serve"], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    return server, server.stdout.readline().strip()


async def serve() -> None:
    """The scripted server: sends the same stream for every request and keeps connections open."""
    text = json.dumps(ANSWER)
    size = -(-len(text) // 40)
    deltas = [{"content": text[start : start + size]} for start in range(0, len(text), size)]
    chunks: list[Any] = [{"choices": [{"index": 0, "delta": delta, "finish_reason": None}]} for delta in deltas]
    chunks += [{"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}]
    chunks += [{"choices": [], "usage": {"prompt_tokens": 200, "completion_tokens": 40}}]
    lines = [b"data: " + json.dumps({"id": "c", "model": "m", **chunk}).encode() + b"\n\n" for chunk in chunks]
    parts = [b"%x\r\n%s\r\n" % (len(line), line) for line in [*lines, b"data: [DONE]\n\n"]]
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"

    async def handle_connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while True:
                request_head = await reader.readuntil(b"\r\n\r\n")
                length = next(
                    line for line in request_head.lower().split(b"\r\n") if line.startswith(b"content-length:")
                )
                await reader.readexactly(int(length.partition(b":")[2]))
                writer.write(head + b"".join(parts) + b"0\r\n\r\n")
                await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            writer.close()

    server = await asyncio.start_server(handle_connection, "127.0.0.1", 0)
    print(f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1", flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve() if sys.argv[1:] == ["serve"] else main())
