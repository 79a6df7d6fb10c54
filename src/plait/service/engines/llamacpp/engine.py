"""The engine for GGUF models: chat and completion by llama.cpp, constrained by a grammar, in one child process."""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

import httpx

from plait.core.config import settings
from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import Finish, TextDelta, TokenCandidate, TokenProbs, Usage
from plait.core.errors import EngineError
from plait.core.grammar.ast import Grammar
from plait.core.grammar.gbnf import gbnf
from plait.core.prompting.prompt import Prompt
from plait.core.sse import iter_events
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.process import LlamaServer, LoadOptions, start_server
from plait.service.engines.llamacpp.template import ChatTemplateTokenizer
from plait.service.supervisor.admission import Admission
from plait.service.supervisor.process_engine import ProcessEngine, too_long_error

SLOTS = 8
REPEAT_WINDOW = 128  # tokens that the repetition penalty looks back
MIN_ANSWER_TOKENS = 64  # tokens; a prompt that leaves fewer for the answer is too long
# Size of the cache in whole contexts: enough for eight typical calls at once, in 280 MB (benchmarks/memory.py).
CACHED_CONTEXTS = 1.5


class LlamaCpp(ProcessEngine[LlamaServer]):
    """A ChatModel and CompletionModel. The model is loaded by the first call."""

    accepts, box_format = frozenset[str](), ""

    def __init__(self, name: str, path: Path, context: int, threads: int | None = None) -> None:
        super().__init__()
        self.name, self.path, self.context = name, path, context
        cores = os.cpu_count() or 1
        # One core stays free for the caller: if llama.cpp uses both of two cores, its threads wait for each other and
        # the rate falls from 75 to 3-20 tokens/s as soon as anything else runs.
        cache = int(context * CACHED_CONTEXTS)
        self.load_options = LoadOptions(path, cache, SLOTS, threads or max(1, cores - 1), threads or cores)
        # llama.cpp fails every running request if its cache overflows, so a request is sent only if it fits.
        self.admission = Admission(cache, SLOTS, settings().queue)
        self.tokenizer = ChatTemplateTokenizer(self.post)

    @property
    def threads(self) -> int:
        return self.load_options.threads

    async def start(self) -> LlamaServer:
        return await start_server(self.load_options, self.name)

    async def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        await self.ensure_running()
        async with aclosing(self.generate(await self.tokenizer.tokenize_prompt(prompt), grammar, sampling)) as events:
            async for event in events:
                yield event

    async def complete(self, text: str, sampling: Sampling) -> AsyncGenerator[TextDelta | Finish, None]:
        await self.ensure_running()
        async with aclosing(self.generate(await self.tokenizer.tokenize_raw(text), None, sampling)) as events:
            async for event in events:
                yield event

    async def generate(
        self, tokens: list[int], grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        remaining = self.context - len(tokens)
        if remaining < MIN_ANSWER_TOKENS:
            raise too_long_error(self.name, len(tokens), self.context - MIN_ANSWER_TOKENS, where=" here")
        limit = min(sampling.max_tokens, remaining)
        async with self.admission.reserve(len(tokens) + limit):
            async for event in self.stream_completion(request_body(tokens, limit, grammar, sampling)):
                yield event

    async def stream_completion(self, body: dict[str, Any]) -> AsyncGenerator[TextDelta | Finish, None]:
        """Streams a completion's events. Closing the iterator closes the connection, which stops the server's work."""
        server = await self.ensure_running()
        try:
            async with server.http.stream("POST", "/completion", json=body) as response:
                if response.status_code != 200:
                    raise refusal_error(self.name, await response.aread())
                async for sent in iter_events(response.aiter_raw()):
                    for event in parse_events(json.loads(sent.data), self.name):
                        yield event
        except httpx.TransportError:
            raise await server.child.exit_error(self.name) from None

    async def post(self, path: str, body: dict[str, Any]) -> Any:
        server = await self.ensure_running()
        try:
            response = await server.http.post(path, json=body)
        except httpx.TransportError:
            raise await server.child.exit_error(self.name) from None
        if response.status_code != 200:
            raise refusal_error(self.name, response.content)
        return response.json()


def engine(name: str, config: Config) -> ChatEngine:
    return ChatEngine(LlamaCpp(name, config.path, config.context, config.threads))


def request_body(tokens: list[int], limit: int, grammar: Grammar | None, sampling: Sampling) -> dict[str, Any]:
    body: dict[str, Any] = {
        "prompt": tokens,
        "n_predict": limit,
        "temperature": sampling.temperature,
        "cache_prompt": True,
        "stream": True,
        **sampling.chosen_fields(),
    }
    if sampling.repeat_penalty != 1.0:
        body |= {"repeat_penalty": sampling.repeat_penalty, "repeat_last_n": REPEAT_WINDOW}
    if sampling.candidates:
        body["n_probs"] = sampling.candidates
    return body if grammar is None else {**body, "grammar": gbnf(grammar)}


def parse_events(payload: dict[str, Any], name: str) -> list[TextDelta | Finish]:
    if "error" in payload:
        raise EngineError(f"{name} stopped: {payload['error'].get('message', payload['error'])}")
    tokens = tuple(map(token_probs, payload.get("completion_probabilities", ())))
    text = payload.get("content", "")
    events: list[TextDelta | Finish] = [TextDelta(text, tokens)] if text or tokens else []
    if payload.get("stop"):
        usage = Usage(payload.get("tokens_evaluated", 0), payload.get("tokens_predicted", 0))
        cut = payload.get("stop_type") == "limit" or payload.get("truncated")
        events.append(Finish(usage, "length" if cut else "stop"))
    return events


def token_probs(data: dict[str, Any]) -> TokenProbs:
    candidates = tuple(TokenCandidate(bytes(each["bytes"]), each["logprob"]) for each in data["top_logprobs"])
    return TokenProbs(bytes(data["bytes"]), data["logprob"], candidates)


def refusal_error(name: str, content: bytes) -> EngineError:
    """The server's error response as EngineError. A grammar that it cannot parse is an error, never ignored."""
    try:
        message = json.loads(content)["error"]["message"]
    except (ValueError, KeyError, TypeError):
        message = content[:200].decode(errors="replace")
    return EngineError(f"{name} refused the request: {message}", hint="plait show TASK prints the grammar it was given")
