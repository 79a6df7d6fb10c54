"""The engine for GGUF models: chat and completion by llama.cpp, constrained by a grammar, in one child process."""

import json
import os
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx

from plait.core.config import settings
from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.errors import CheckpointError
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Prompt
from plait.core.sse import iter_events
from plait.foundation.cards.adapter import ANY_TASK, LoraAdapter
from plait.foundation.cards.adapter_files import read_adapter_facts
from plait.service.core_budget import AnsweringMark
from plait.service.engines.llamacpp.adapters import check_names, lora_scales
from plait.service.engines.llamacpp.completion import parse_events, refusal_error, request_body
from plait.service.engines.llamacpp.config import Config
from plait.service.engines.llamacpp.process import LlamaServer, LoadOptions, start_server
from plait.service.engines.llamacpp.slots import SlotPool
from plait.service.engines.llamacpp.template import ChatTemplateTokenizer
from plait.service.supervisor.admission import Admission
from plait.service.supervisor.process_engine import ProcessEngine, too_long_error

SLOTS = 8
NO_ADAPTER = ""  # owner of the slots of requests that use none
MIN_ANSWER_TOKENS = 64  # tokens; a prompt that leaves fewer for the answer is too long
# Size of the cache in whole contexts: enough for eight typical calls at once, in 280 MB (benchmarks/memory.py).
CACHED_CONTEXTS = 1.5


class LlamaCpp(ProcessEngine[LlamaServer]):
    """A ChatModel and CompletionModel. The model is loaded by the first call, together with its `adapters`.

    A request uses one of the adapters, or none (the default); `adapted` makes a model that always uses one.
    """

    accepts, box_format = frozenset[str](), ""

    def __init__(
        self,
        name: str,
        path: Path,
        context: int,
        threads: int | None = None,
        adapters: tuple[LoraAdapter, ...] = (),
        slots: int = SLOTS,
    ) -> None:
        super().__init__()
        check_names(adapters)
        self.name, self.path, self.context, self.adapters = name, path, context, adapters
        self.open_models: set[AdaptedModel] = set()
        cores = os.cpu_count() or 1
        # One core stays free for the caller: if llama.cpp uses both of two cores, its threads wait for each other and
        # the rate falls from 75 to 3-20 tokens/s as soon as anything else runs.
        cache = int(context * CACHED_CONTEXTS)
        self.load_options = LoadOptions(path, cache, slots, threads or max(1, cores - 1), threads or cores, adapters)
        # llama.cpp fails every running request if its cache overflows, so a request is sent only if it fits.
        self.admission = Admission(cache, slots, settings().queue, AnsweringMark(settings().data))
        self.slots = SlotPool(slots)
        self.tokenizer = ChatTemplateTokenizer(self.post)

    @property
    def threads(self) -> int:
        return self.load_options.threads

    def adapted(self, name: str) -> "AdaptedModel":
        """The model with the adapter of that name. All such models share this one's process."""
        model = AdaptedModel(self, next(each for each in self.adapters if each.name == name))
        self.open_models.add(model)
        return model

    async def start(self) -> LlamaServer:
        return await start_server(self.load_options, self.name)

    async def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling, adapter: LoraAdapter | None = None
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        await self.ensure_running()
        tokens = await self.tokenizer.tokenize_prompt(prompt)
        async with aclosing(self.generate(tokens, grammar, sampling, adapter)) as events:
            async for event in events:
                yield event

    async def complete(
        self, text: str, sampling: Sampling, adapter: LoraAdapter | None = None
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        await self.ensure_running()
        tokens = await self.tokenizer.tokenize_raw(text)
        async with aclosing(self.generate(tokens, None, sampling, adapter)) as events:
            async for event in events:
                yield event

    async def generate(
        self, tokens: list[int], grammar: Grammar | None, sampling: Sampling, adapter: LoraAdapter | None = None
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        remaining = self.context - len(tokens)
        if remaining < MIN_ANSWER_TOKENS:
            raise too_long_error(self.name, len(tokens), self.context - MIN_ANSWER_TOKENS, where=" here")
        limit = min(sampling.max_tokens, remaining)
        body = request_body(tokens, limit, grammar, sampling)
        if self.adapters:
            body["lora"] = lora_scales(self.adapters, adapter)
        async with self.admission.reserve(len(tokens) + limit):
            with self.slots.reserve(adapter.name if adapter else NO_ADAPTER, tokens) as reservation:
                body |= {"id_slot": reservation.slot.number, "cache_prompt": not reservation.must_clear}
                async for event in self.stream_completion(body):
                    reservation.confirm()
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


class AdaptedModel:
    """A ChatModel and CompletionModel: a base model with one of its adapters, in the process of the base."""

    accepts, box_format = frozenset[str](), ""

    def __init__(self, base: LlamaCpp, adapter: LoraAdapter) -> None:
        self.base, self.adapter = base, adapter

    @property
    def name(self) -> str:
        return self.adapter.name

    @cached_property
    def is_specialized(self) -> bool:
        """Whether the adapter has learned the task that it answers. One for any task still shows its examples."""
        try:
            return read_adapter_facts(self.adapter.path).fingerprint != ANY_TASK
        except CheckpointError:  # the model cannot be loaded, which says why
            return True

    @property
    def digest(self) -> str:
        """Identifies base and adapter together."""
        return self.base.running.adapted_digests[self.adapter.name] if self.base.running else ""

    @property
    def is_loaded(self) -> bool:
        return self.base.is_loaded

    async def load(self) -> None:
        await self.base.load()

    def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        return self.base.chat(prompt, grammar, sampling, self.adapter)

    def complete(self, text: str, sampling: Sampling) -> AsyncGenerator[TextDelta | Finish, None]:
        return self.base.complete(text, sampling, self.adapter)

    async def aclose(self) -> None:
        """Ends the process if no other adapted model of it is open."""
        self.base.open_models.discard(self)
        if not self.base.open_models:
            await self.base.aclose()


def engine(name: str, config: Config) -> ChatEngine:
    if config.adapter is None:
        return ChatEngine(LlamaCpp(name, config.path, config.context, config.threads))
    adapters = (LoraAdapter(name, config.adapter),)
    return ChatEngine(LlamaCpp(name, config.path, config.context, config.threads, adapters).adapted(name))
