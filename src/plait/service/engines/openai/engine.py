"""The engine for OpenAI-compatible servers: chat, constrained by a JSON Schema as far as the server supports it."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from plait.core.engine.chat import ChatEngine, Sampling
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.errors import ContextTooLong, EngineError, ModelNotFound, PlaitError
from plait.core.grammar.ast import Grammar, RegularExpression, Text
from plait.core.prompting.prompt import Prompt
from plait.core.suggestions import did_you_mean
from plait.service.engines.openai.capabilities import ServerCapabilities, reduced_max_tokens
from plait.service.engines.openai.config import Config
from plait.service.engines.openai.refusals import SERVER_HINT, Refusal, parse_refusal, sanitize, to_error
from plait.service.engines.openai.request import request_body
from plait.service.engines.openai.retries import parse_retry_after, send_with_retries
from plait.service.engines.openai.stream import CompletionStream, read_start
from plait.service.engines.openai.unwrapping import unwrap

CONNECT_TIMEOUT = 5.0  # seconds; the timeout of the call covers everything else (plait.core.engine.validation)
# Shorter than the 5 s of common servers: a request sent at the moment when the server closes the connection is lost.
LIMITS = httpx.Limits(keepalive_expiry=4.0)
API_PATH = "/v1"
MAX_LIST_BYTES = 1024 * 1024  # bytes of a list of models
MAX_NAMES_SHOWN = 12  # names of a server's models in an error message


class ModelObject(BaseModel):
    model_config = ConfigDict(frozen=True)
    id: str


class ModelList(BaseModel):
    """The response of /models."""

    model_config = ConfigDict(frozen=True)
    data: tuple[ModelObject, ...]


class OpenAI:
    """A ChatModel. The first call connects; the engine keeps one connection pool for the server.

    Messages are sent unchanged: whether control tokens of a chat template inside a text stay text is up to the server.
    """

    def __init__(self, name: str, server: Config) -> None:
        self.name, self.server = name, server
        self.accepts = server.accepts
        self.box_format = server.boxes
        self.capabilities = ServerCapabilities(name)
        self.digest = ""
        self.model_name = server.name
        self.base = server.url if server.url.endswith(API_PATH) else ""
        self.http: httpx.AsyncClient | None = None
        self.model_lock = asyncio.Lock()

    async def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        await self.resolve_base()
        model = await self.resolve_model()
        sampling = replace(sampling, max_tokens=min(sampling.max_tokens, self.server.context or sampling.max_tokens))
        schema_grammar = (
            None if isinstance(grammar, Text | RegularExpression) else grammar
        )  # an answer that is a single text is written bare, not as JSON
        while True:
            mode = self.capabilities.output_mode(schema_grammar)
            body = self.capabilities.adapt_body(request_body(model, prompt, sampling, schema_grammar, mode))
            async with aclosing(await self.send("POST", f"{self.base}/chat/completions", body)) as response:
                if response.status_code == 200:
                    stream = CompletionStream(response, self.name, self.server, sampling.max_tokens)
                    async with aclosing(unwrap(stream.events(), mode, is_typed=schema_grammar is not None)) as deltas:
                        async for delta in deltas:
                            yield delta
                    self.digest = sanitize(stream.model, 200, self.server) or self.digest
                    return
                refusal = await self.read_refusal(response)
            if not self.capabilities.learn_from(refusal, body, schema_grammar, mode):
                sampling = replace(sampling, max_tokens=await self.fit_max_tokens(refusal, model, sampling.max_tokens))

    async def fit_max_tokens(self, refusal: Refusal, model: str, max_tokens: int) -> int:
        """A smaller max_tokens if only max_tokens made the request too long; otherwise raises the refusal's error."""
        error = (
            await self.not_found_error(refusal, model)
            if refusal.status == 404
            else to_error(refusal, self.name, self.server)
        )
        fits = reduced_max_tokens(error, max_tokens) if isinstance(error, ContextTooLong) else 0
        if not fits:
            raise error
        return fits

    async def resolve_base(self) -> None:
        """Finds out once whether a url without /v1 is the address itself, or lacks it: where the models are listed."""
        async with self.model_lock:
            if not self.base:
                known = await self.lists_models(self.server.url)
                lacks_path = not known and await self.lists_models(self.server.url + API_PATH)
                self.base = self.server.url + API_PATH * lacks_path

    async def lists_models(self, url: str) -> bool:
        async with aclosing(await self.send("GET", f"{url}/models")) as response:
            content = await read_start(response, MAX_LIST_BYTES)
        return response.status_code == 200 and parse_models(content) is not None

    async def resolve_model(self) -> str:
        """The model's name on the server. Raises ModelNotFound if it has several and plait.toml names none of them."""
        async with self.model_lock:
            if not self.model_name:
                names = await self.model_names()
                if len(names) != 1:
                    raise ModelNotFound(
                        f"{self.server.url} has {len(names)} models, and plait.toml names none of them",
                        hint=f"write name = ... under [models.{self.name}]: {join_names(names)}",
                    )
                self.model_name = names[0]
            return self.model_name

    async def model_names(self) -> list[str]:
        """Names of the server's models."""
        async with aclosing(await self.send("GET", f"{self.base or self.server.url}/models")) as response:
            if response.status_code != 200:
                raise to_error(await self.read_refusal(response), self.name, self.server)
            content = await read_start(response, MAX_LIST_BYTES)
        names = parse_models(content)
        if names is None:
            excerpt = sanitize(content.decode(errors="replace"), 80, self.server)
            raise EngineError(
                f"{self.base or self.server.url}/models is not a list of models: {excerpt}", hint=SERVER_HINT
            )
        return [sanitize(name, 200, self.server) for name in names]

    async def not_found_error(self, refusal: Refusal, model: str) -> PlaitError:
        """The error for a 404 response: either the model or the endpoint is missing."""
        try:
            names = await self.model_names()
        except PlaitError:
            return EngineError(f"{self.base}/chat/completions does not exist: {refusal.summary}", hint=SERVER_HINT)
        if model in names:
            return to_error(replace(refusal, status=400), self.name, self.server)
        return ModelNotFound(
            f"{self.name} has no model called {model!r}: {refusal.summary}",
            hint=did_you_mean(model, names, f"it has {join_names(names)}"),
        )

    async def read_refusal(self, response: httpx.Response) -> Refusal:
        content = await read_start(response)
        return parse_refusal(response.status_code, content, self.server, parse_retry_after(response))

    async def send(self, method: str, url: str, body: dict[str, Any] | None = None) -> httpx.Response:
        """Sends a request. Returns the response with its body unread; the caller closes it."""
        http = self.http_client()
        request = http.build_request(method, url, json=body)
        try:
            return await send_with_retries(lambda: http.send(request, stream=True))
        except httpx.TransportError as error:
            reason = sanitize(str(error) or type(error).__name__, 200, self.server)
            raise EngineError(
                f"{self.server.url} does not answer: {reason}",
                hint=f"start that server, or correct url under [models.{self.name}] in plait.toml",
            ) from None

    def http_client(self) -> httpx.AsyncClient:
        if self.http is None:
            # A compressed body could expand without bound; a redirect could send the key to another server.
            headers = {"accept-encoding": "identity", "user-agent": "plait"}
            if self.server.key:
                headers["authorization"] = f"Bearer {self.server.key}"
            timeout = httpx.Timeout(None, connect=CONNECT_TIMEOUT)
            self.http = httpx.AsyncClient(
                headers=headers, timeout=timeout, limits=LIMITS, trust_env=False, follow_redirects=False
            )
        return self.http

    async def aclose(self) -> None:
        if self.http is not None:
            http, self.http = self.http, None
            await http.aclose()


def parse_models(content: bytes) -> list[str] | None:
    """The names in a response of /models; None if it is something else."""
    try:
        return [card.id for card in ModelList.model_validate_json(content).data]
    except ValidationError:
        return None


def engine(name: str, config: Config) -> ChatEngine:
    return ChatEngine(OpenAI(name, config))


def join_names(names: list[str]) -> str:
    more = f" and {len(names) - MAX_NAMES_SHOWN} more" if len(names) > MAX_NAMES_SHOWN else ""
    return (", ".join(names[:MAX_NAMES_SHOWN]) or "none") + more
