"""Time to the first token of a chat: through Plait's HTTP server over the port of the engine's child process.

Budget: at most 1.1. Plait's server has an engine child of its own; the other side is a separate child of the same kind.
Both get the same questions in turn, and only one works at a time. `new` is a new question, which the engine has to
read; `again` repeats it, so that it is in the engine's prefix cache. The direct side sends tokens; Plait renders the
template and requests the tokens.

    python -m benchmarks.first_token
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from typing import Any, Protocol

import httpx

from benchmarks.measure import median, ratio, report
from plait.core.prompting.prompt import Message, Prompt
from plait.service.engines.llamacpp.config import CONTEXT, embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp

ROUNDS, TOKENS = 25, 4
LETTER = (
    "The harbour was quiet when the keeper of the library unlocked its door and lit the lamps along the shelves. " * 6
)


class ChatBackend(Protocol):
    async def seconds(self, number: int) -> float: ...


def question(number: int) -> str:
    return f"Letter {number}. {LETTER}What is this letter about?"


async def main() -> None:
    path = embedded_file()
    assert path is not None, "the embedded model is not installed"
    model = LlamaCpp("smollm2", path, CONTEXT)
    server, address = start_server()
    timings: dict[str, list[float]] = {}
    try:
        async with httpx.AsyncClient(timeout=None, trust_env=False) as http:
            sides: dict[str, ChatBackend] = {"direct": DirectChat(http, model), "through": GatewayChat(http, address)}
            for side in sides.values():
                await side.seconds(0)
            for number in range(1, ROUNDS + 1):
                for kind in ("new", "again"):
                    # The order alternates too.
                    for name, side in sorted(sides.items(), reverse=bool(number % 2)):
                        timings.setdefault(f"{name}_{kind}", []).append(await side.seconds(number))
    finally:
        server.terminate()
        server.wait()
        await model.aclose()
    report(
        "first_token",
        {
            "milliseconds": {name: round(1000 * median(values), 1) for name, values in timings.items()},
            "through_over_direct_new": ratio(timings, "through_new", "direct_new"),
            "through_over_direct_again": ratio(timings, "through_again", "direct_again"),
        },
    )


def start_server() -> "tuple[subprocess.Popen[str], str]":
    server = subprocess.Popen(
        [sys.executable, "-m", "plait", "serve", "--port", "0"], stdout=subprocess.PIPE, text=True, env=os.environ
    )
    assert server.stdout is not None
    return server, server.stdout.readline().split()[-1]


class DirectChat:
    """Requests to the port of the engine's child process, with tokens."""

    def __init__(self, http: httpx.AsyncClient, model: LlamaCpp) -> None:
        self.http, self.model = http, model

    async def seconds(self, number: int) -> float:
        running = await self.model.ensure_running()
        token_ids = await self.model.tokenizer.tokenize_prompt(Prompt((Message("user", question(number)),)))
        body = {"prompt": token_ids, "n_predict": TOKENS, "temperature": 0, "stream": True, "cache_prompt": True}
        headers = {"authorization": running.http.headers["authorization"]}
        return await seconds_to_first_text(self.http, f"{running.http.base_url}/completion", body, headers)


class GatewayChat:
    """The same requests through /v1/chat/completions, streamed."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self.http, self.url = http, url

    async def seconds(self, number: int) -> float:
        messages = [{"role": "user", "content": question(number)}]
        body = {"model": "smollm2", "messages": messages, "max_tokens": TOKENS, "temperature": 0, "stream": True}
        return await seconds_to_first_text(self.http, f"{self.url}/v1/chat/completions", body, {})


async def seconds_to_first_text(
    http: httpx.AsyncClient, url: str, body: dict[str, Any], headers: dict[str, str]
) -> float:
    """Seconds to the first event with text. Reads the rest too, so that no work continues."""
    started, first_text_at = time.perf_counter(), 0.0
    async with http.stream("POST", url, json=body, headers=headers) as response:
        async for line in response.aiter_lines():
            if line.startswith("data: {") and not first_text_at and event_text(json.loads(line[6:])):
                first_text_at = time.perf_counter() - started
    return first_text_at


def event_text(event: dict[str, Any]) -> str:
    return event.get("content") or "".join(each["delta"].get("content") or "" for each in event.get("choices", []))


if __name__ == "__main__":
    asyncio.run(main())
