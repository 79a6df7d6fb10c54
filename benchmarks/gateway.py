"""What stands between a client and the model: tokens per second through Plait over those of the engine's own port.

Budget: at least 0.95 at 1 and at 8 clients. Both sides stream the same prompt's tokens from one process, in turn; the
clients live in a process of their own on the same two cores.

    python -m benchmarks.gateway
"""

import asyncio
import json
import time

import httpx
import uvicorn

from benchmarks.measure import median, ratio, report
from plait import task
from plait.core.chats import ChatEngine
from plait.core.prompt import prompt
from plait.service.catalog import Catalog
from plait.service.engines.llamacpp import LlamaCpp
from plait.service.http.app import app
from plait.service.http.guard import Rules
from plait.service.local import LocalTransport
from plait.service.models import CONTEXT, embedded_file

TOKENS, ROUNDS = 96, 7
STORY = "Once upon a time, in a library by the sea,"


@task
def carry_on(beginning: str) -> str:
    """Tell a long story in many chapters that begins with: {beginning}"""
    ...


async def main() -> None:
    path = embedded_file()
    assert path is not None, "the embedded model is not installed"
    model = LlamaCpp("smollm2", path, CONTEXT)
    running = await model.up()
    words = await model.tokens.of(prompt(carry_on.declaration, {"beginning": STORY}))
    server = uvicorn.Server(
        uvicorn.Config(
            app(Catalog((carry_on,)), Rules.of("127.0.0.1", (), ()), LocalTransport(only=ChatEngine(model))),
            port=0,
            log_level="warning",
            lifespan="off",
        )
    )
    serving = asyncio.create_task(server.serve())
    while not server.started:
        await asyncio.sleep(0.01)
    gateway = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    taken: dict[str, list[float]] = {}
    async with httpx.AsyncClient(timeout=None) as http:
        direct = Direct(http, str(running.http.base_url), dict(running.http.headers), words)
        through = Through(http, gateway)
        for clients in (1, 8):
            await rate(direct, clients)
            await rate(through, clients)
            for _ in range(ROUNDS):
                taken.setdefault(f"direct_{clients}", []).append(await rate(direct, clients))
                taken.setdefault(f"through_{clients}", []).append(await rate(through, clients))
    server.should_exit = True
    await serving
    await model.aclose()
    report(
        "gateway",
        {
            "tokens_per_second": {name: round(median(values), 1) for name, values in taken.items()},
            "through_over_direct_1_client": ratio(taken, "through_1", "direct_1"),
            "through_over_direct_8_clients": ratio(taken, "through_8", "direct_8"),
        },
    )


async def rate(side: "Direct | Through", clients: int) -> float:
    """Tokens per second of all clients together."""
    started = time.perf_counter()
    tokens = await asyncio.gather(*(side.tokens(number) for number in range(clients)))
    return sum(tokens) / (time.perf_counter() - started)


class Direct:
    """The engine child's own port."""

    def __init__(self, http: httpx.AsyncClient, url: str, headers: dict[str, str], words: list[int]) -> None:
        self.http, self.url, self.headers, self.words = http, url, {"authorization": headers["authorization"]}, words

    async def tokens(self, number: int) -> int:
        body = {"prompt": self.words, "n_predict": TOKENS, "temperature": 0.6, "seed": number, "stream": True}
        told = 0
        async with self.http.stream("POST", f"{self.url}/completion", json=body, headers=self.headers) as response:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    told = json.loads(line[6:]).get("tokens_predicted", told)
        return told


class Through:
    """The same through Plait's own endpoint, as a stream. The answer is cut by its limit, which its error tells."""

    def __init__(self, http: httpx.AsyncClient, url: str) -> None:
        self.http, self.url = http, url

    async def tokens(self, number: int) -> int:
        headers = {"accept": "text/event-stream"}
        query = {"seed": str(number), "shots": "0"}
        told = 0
        request = self.http.stream(
            "POST", f"{self.url}/v1/tasks/carry_on", json={"beginning": STORY}, headers=headers, params=query
        )
        async with request as response:
            async for line in response.aiter_lines():
                if line.startswith("data: "):
                    event = json.loads(line[6:])
                    told += "text" in event
                    told = event.get("usage", {}).get("answer_tokens", told)
        return told


if __name__ == "__main__":
    import os

    os.environ["PLAIT_ANSWER_TOKENS"] = str(TOKENS)
    asyncio.run(main())
