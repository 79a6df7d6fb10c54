"""A model that chats through llama.cpp, held to a grammar; one process, one shared context cache."""

import asyncio
import json
import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx

from plait.core.byte_lines import lines
from plait.core.calls.event_loop import closing
from plait.core.config import settings
from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import End, Piece, Usage
from plait.core.errors import ContextTooLong, EngineError
from plait.core.grammar.ast import Grammar
from plait.core.grammar.gbnf import gbnf
from plait.core.prompting.prompt import Prompt
from plait.service.engines.llamacpp.process import Load, Running, started
from plait.service.engines.llamacpp.template import Tokens
from plait.service.supervisor.admission import Admission

SLOTS = 8
REMEMBERED = 128  # tokens that a penalty on repetition looks back
ROOM = 64  # tokens: a prompt that leaves less for its answer is too long
SHARED = 1.5  # the cache holds so many whole contexts: eight usual calls at once, in 280 MB (benchmarks/memory.py)


class LlamaCpp:
    """Speaks `Chats` and `Completes`. Nothing is loaded before the first call."""

    sees, boxes = False, ""

    def __init__(self, name: str, path: Path, context: int, threads: int | None = None) -> None:
        self.name, self.path, self.context = name, path, context
        cores = os.cpu_count() or 1
        # A core is left to whoever asks: with both of two cores taken, llama.cpp's threads wait for each other and the
        # rate falls from 75 to 3-20 tokens/s as soon as anything else runs (research/model-service, 3.3).
        cache = int(context * SHARED)
        self.load = Load(path, cache, SLOTS, threads or max(1, cores - 1), threads or cores)
        # llama.cpp fails every running request when its cache overflows, so nothing is sent that may not fit.
        self.admission = Admission(cache, SLOTS, settings().queue)
        self.running: Running | None = None
        self.tokens = Tokens(self.post)
        self.starting = asyncio.Lock()

    @property
    def digest(self) -> str:
        return self.running.digest if self.running else ""

    @property
    def pid(self) -> int | None:
        return self.running.process.pid if self.running else None

    async def chat(self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling) -> AsyncIterator[Piece | End]:
        await self.up()
        async with closing(self.continued(await self.tokens.of(prompt), grammar, sampling)) as events:
            async for event in events:
                yield event

    async def complete(self, text: str, sampling: Sampling) -> AsyncIterator[Piece | End]:
        await self.up()
        async with closing(self.continued(await self.tokens.of_raw(text), None, sampling)) as events:
            async for event in events:
                yield event

    async def continued(
        self, tokens: list[int], grammar: Grammar | None, sampling: Sampling
    ) -> AsyncIterator[Piece | End]:
        room = self.context - len(tokens)
        if room < ROOM:
            raise too_long(len(tokens), self.name, self.context)
        limit = min(sampling.max_tokens, room)
        async with self.admission.room(len(tokens) + limit):
            async for event in self.completion(request(tokens, limit, grammar, sampling)):
                yield event

    async def completion(self, body: dict[str, Any]) -> AsyncIterator[Piece | End]:
        """What the process says, event by event. Leaving it closes the connection, which stops the work there."""
        running = await self.up()
        try:
            async with running.http.stream("POST", "/completion", json=body) as response:
                if response.status_code != 200:
                    raise refused(self.name, await response.aread())
                async for line in lines(response.aiter_raw()):
                    if line.startswith(b"data: "):
                        for event in events(json.loads(line[6:]), self.name):
                            yield event
        except httpx.TransportError:
            raise await running.child.death(self.name) from None

    async def up(self) -> Running:
        """The running process, started where there is none."""
        async with self.starting:
            if self.running and not self.running.alive:
                await self.running.end()
                self.running = None
            if self.running is None:
                self.running = await started(self.load, self.name)
            return self.running

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        running = await self.up()
        try:
            response = await running.http.post(path, json=body)
        except httpx.TransportError:
            raise await running.child.death(self.name) from None
        if response.status_code != 200:
            raise refused(self.name, response.content)
        return response.json()

    async def aclose(self) -> None:
        if self.running:
            running, self.running = self.running, None
            await running.end()


def request(tokens: list[int], limit: int, grammar: Grammar | None, sampling: Sampling) -> dict[str, Any]:
    body: dict[str, Any] = {
        "prompt": tokens,
        "n_predict": limit,
        "temperature": sampling.temperature,
        "cache_prompt": True,
        "stream": True,
    }
    if sampling.repeat_penalty != 1.0:
        body |= {"repeat_penalty": sampling.repeat_penalty, "repeat_last_n": REMEMBERED}
    if sampling.seed is not None:
        body["seed"] = sampling.seed
    if sampling.top_p is not None:
        body["top_p"] = sampling.top_p
    if sampling.stop:
        body["stop"] = list(sampling.stop)
    return body if grammar is None else {**body, "grammar": gbnf(grammar)}


def events(told: dict[str, Any], name: str) -> list[Piece | End]:
    if "error" in told:
        raise EngineError(f"{name} stopped: {told['error'].get('message', told['error'])}")
    found: list[Piece | End] = [Piece(told["content"])] if told.get("content") else []
    if told.get("stop"):
        usage = Usage(told.get("tokens_evaluated", 0), told.get("tokens_predicted", 0))
        found.append(End(usage, whole=told.get("stop_type") != "limit" and not told.get("truncated")))
    return found


def refused(name: str, content: bytes) -> EngineError:
    """What the process would not do, in its own words; a grammar it cannot read is our fault, and never ignored."""
    try:
        message = json.loads(content)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = content[:200].decode(errors="replace")
    return EngineError(
        f"{name} refused the request: {message}", way_out="plait show TASK prints the grammar it was given"
    )


def too_long(tokens: int, name: str, context: int) -> ContextTooLong:
    return ContextTooLong(
        f"the prompt has {tokens:,} tokens, {name} takes {context - ROOM:,} here",
        tokens=tokens,
        limit=context - ROOM,
        way_out="pass less, ask with fewer examples (shots=0), or use a model with a longer context (plait models)",
    )
