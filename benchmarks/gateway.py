"""Tokens per second through Plait's HTTP server over those of the port of the engine's child process.

Budget: at least 0.95 with 1 and with 8 clients. Plait's server has an engine child of its own; the other side is a
separate child of the same kind. Both answer the same prompt in turn, and only one works at a time.

    python -m benchmarks.gateway
"""

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path

import httpx

from benchmarks.carry_on import carry_on
from benchmarks.measure import median, ratio, report
from plait.core.prompting.prompt import prompt
from plait.service.engines.llamacpp.config import CONTEXT, embedded_file
from plait.service.engines.llamacpp.engine import LlamaCpp

TOKENS, ROUNDS = 96, 9
STORY = "Once upon a time, in a library by the sea,"


async def main() -> None:
    path = embedded_file()
    assert path is not None, "the embedded model is not installed"
    model = LlamaCpp("smollm2", path, CONTEXT)
    running = await model.ensure_running()
    token_ids = await model.tokenizer.tokenize_prompt(prompt(carry_on.declaration, {"beginning": STORY}))
    timings: dict[str, list[float]] = {}
    server, address = start_server()
    try:
        async with httpx.AsyncClient(timeout=None) as http:
            direct = DirectCompletion(http, str(running.http.base_url), dict(running.http.headers), token_ids)
            through = GatewayCompletion(http, address)
            for clients in (1, 8):
                await tokens_per_second(direct, clients)
                await tokens_per_second(through, clients)
                for _ in range(ROUNDS):
                    timings.setdefault(f"direct_{clients}", []).append(await tokens_per_second(direct, clients))
                    timings.setdefault(f"through_{clients}", []).append(await tokens_per_second(through, clients))
    finally:
        server.terminate()
        server.wait()
        await model.aclose()
    report(
        "gateway",
        {
            "tokens_per_second": {name: round(median(values), 1) for name, values in timings.items()},
            "through_over_direct_1_client": ratio(timings, "through_1", "direct_1"),
            "through_over_direct_8_clients": ratio(timings, "through_8", "direct_8"),
        },
    )


def start_server() -> "tuple[subprocess.Popen[str], str]":
    """Starts a server with the task. Returns its process and address."""
    file = str(Path(__file__).parent / "carry_on.py")
    server = subprocess.Popen(
        [sys.executable, "-m", "plait", "serve", file, "--port", "0"],
        stdout=subprocess.PIPE,
        text=True,
        env={**os.environ, "PLAIT_ANSWER_TOKENS": str(TOKENS)},
    )
    assert server.stdout is not None
    return server, server.stdout.readline().split()[-1]


async def tokens_per_second(side: "DirectCompletion | GatewayCompletion", clients: int) -> float:
    """Total tokens per second of all clients."""
    started = time.perf_counter()
    tokens = await asyncio.gather(*(side.token_count(number) for number in range(clients)))
    return sum(tokens) / (time.perf_counter() - started)


class DirectCompletion:
    """Requests to the port of the engine's child process."""

    def __init__(self, http: httpx.AsyncClient, url: str, headers: dict[str, str], prompt_ids: list[int]) -> None:
        self.http, self.url, self.headers, self.prompt_ids = (
            http,
            url,
            {"authorization": headers["authorization"]},
            prompt_ids,
        )

    async def token_count(self, number: int) -> int:
        body = {"prompt": self.prompt_ids, "n_predict": TOKENS, "temperature": 0.6, "seed": number, "stream": True}
        num_tokens = 0
        async with self.http.stream("POST", f"{self.url}/completion", json=body, headers=self.headers) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    num_tokens = json.loads(line[6:]).get("tokens_predicted", num_tokens)
        return num_tokens


class GatewayCompletion:
    """The same requests through Plait's endpoint, streamed. An answer cut by its limit has that many tokens."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self.http, self.url = http, url

    async def token_count(self, number: int) -> int:
        headers = {"accept": "text/event-stream"}
        query = {"seed": str(number), "shots": "0"}
        num_tokens = 0
        request = self.http.stream(
            "POST", f"{self.url}/v1/tasks/carry_on", json={"beginning": STORY}, headers=headers, params=query
        )
        async with request as response:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    event = json.loads(line[6:])
                    num_tokens = TOKENS if "error" in event else event.get("usage", {}).get("answer_tokens", num_tokens)
        return num_tokens


if __name__ == "__main__":
    asyncio.run(main())
