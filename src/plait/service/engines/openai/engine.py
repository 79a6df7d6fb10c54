"""A model that chats on an OpenAI-compatible server, held to a JSON Schema as far as the server can."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import httpx
from pydantic import BaseModel, ConfigDict, ValidationError

from plait.core.calls.event_loop import closing
from plait.core.config import Server
from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import End, Piece
from plait.core.errors import ContextTooLong, EngineError, NoModel, PlaitError
from plait.core.grammar.ast import Grammar, Text
from plait.core.prompting.prompt import Prompt
from plait.core.suggestions import did_you_mean
from plait.service.engines.openai.capabilities import Ability, shorter
from plait.service.engines.openai.json_wrapping import unwrapped
from plait.service.engines.openai.refusals import IS_ONE_THERE, Refusal, error_of, readable, refusal
from plait.service.engines.openai.request import request
from plait.service.engines.openai.retries import tried, wait_asked_for
from plait.service.engines.openai.stream import Stream, beginning

CONNECTS_WITHIN = 5.0  # seconds; the call's own limit stands around everything else (plait.core.engine.validation)
# Let go before the usual servers do, which is after 5 s: a request sent in the moment of their closing is lost.
LIMITS = httpx.Limits(keepalive_expiry=4.0)
SHOWN = 12  # models of a server in an error


class Card(BaseModel):
    model_config = ConfigDict(frozen=True)
    id: str


class Cards(BaseModel):
    """What /models answers."""

    model_config = ConfigDict(frozen=True)
    data: tuple[Card, ...]


class OpenAI:
    """Speaks `Chats`. Nothing is connected before the first call; one pool of connections is kept for the server.

    Messages go out as they are: whether a chat template's control tokens inside a text stay text is up to the server.
    """

    def __init__(self, name: str, server: Server) -> None:
        self.name, self.server = name, server
        self.sees, self.boxes = server.pictures, server.boxes
        self.ability = Ability(name)
        self.digest = ""
        self.called = server.name
        self.http: httpx.AsyncClient | None = None
        self.asking = asyncio.Lock()

    async def chat(self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling) -> AsyncIterator[Piece | End]:
        model = await self.model()
        asked = replace(sampling, max_tokens=min(sampling.max_tokens, self.server.context or sampling.max_tokens))
        held = None if isinstance(grammar, Text) else grammar  # a text that stands alone is written bare, not as JSON
        while True:
            form = self.ability.form(held)
            body = self.ability.fitted(request(model, prompt, asked, held, form))
            async with aclosing(await self.post("/chat/completions", body)) as response:
                if response.status_code == 200:
                    stream = Stream(response, self.name, self.server, asked.max_tokens)
                    said = stream.events() if held is None else unwrapped(stream.events(), form)
                    async with closing(said) as pieces:
                        async for piece in pieces:
                            yield piece
                    self.digest = readable(stream.model, 200, self.server) or self.digest
                    return
                refused = await self.refusal(response)
            if not self.ability.learns(refused, body, held, form):
                asked = replace(asked, max_tokens=await self.fitting(refused, model, asked.max_tokens))

    async def fitting(self, refused: Refusal, model: str, asked: int) -> int:
        """How many tokens an answer may have, where only that made the request too long. Raises the error else."""
        error = (
            await self.not_found(refused, model) if refused.status == 404 else error_of(refused, self.name, self.server)
        )
        fits = shorter(error, asked) if isinstance(error, ContextTooLong) else 0
        if not fits:
            raise error
        return fits

    async def model(self) -> str:
        """What the server calls the model. Raises NoModel where plait.toml names none and it has not exactly one."""
        async with self.asking:
            if not self.called:
                names = await self.names()
                if len(names) != 1:
                    raise NoModel(
                        f"{self.server.url} has {len(names)} models, and plait.toml does not say which",
                        way_out=f"write name = ... under [models.{self.name}]: {listed(names)}",
                    )
                self.called = names[0]
            return self.called

    async def names(self) -> list[str]:
        """What the server calls its models."""
        async with aclosing(await self.get("/models")) as response:
            if response.status_code != 200:
                raise error_of(await self.refusal(response), self.name, self.server)
            content = await beginning(response, 1024 * 1024)
        try:
            cards = Cards.model_validate_json(content).data
        except ValidationError:
            shown = readable(content.decode(errors="replace"), 80, self.server)
            raise EngineError(f"{self.server.url}/models is no list of models: {shown}", way_out=IS_ONE_THERE) from None
        return [readable(card.id, 200, self.server) for card in cards]

    async def not_found(self, refused: Refusal, model: str) -> PlaitError:
        """Which of both it is that the server does not have: the model, or the endpoint."""
        try:
            names = await self.names()
        except PlaitError:
            return EngineError(
                f"{self.server.url}/chat/completions is not there: {refused.sentence}", way_out=IS_ONE_THERE
            )
        if model in names:
            return error_of(replace(refused, status=400), self.name, self.server)
        return NoModel(
            f"{self.name} has no model called {model!r}: {refused.sentence}",
            way_out=did_you_mean(model, names, f"it has {listed(names)}"),
        )

    async def refusal(self, response: httpx.Response) -> Refusal:
        content = await beginning(response)
        return refusal(response.status_code, content, self.server, wait_asked_for(response))

    async def post(self, path: str, body: dict[str, Any]) -> httpx.Response:
        return await self.opened(self.connected().build_request("POST", self.server.url + path, json=body))

    async def get(self, path: str) -> httpx.Response:
        return await self.opened(self.connected().build_request("GET", self.server.url + path))

    async def opened(self, request: httpx.Request) -> httpx.Response:
        """A response whose body is still to be read, and closed by whoever has it."""
        http = self.connected()
        try:
            return await tried(lambda: http.send(request, stream=True))
        except httpx.TransportError as fault:
            why = readable(str(fault) or type(fault).__name__, 200, self.server)
            raise EngineError(
                f"{self.server.url} does not answer: {why}",
                way_out=f"start that server, or mend url under [models.{self.name}] in plait.toml",
            ) from None

    def connected(self) -> httpx.AsyncClient:
        if self.http is None:
            # A body that is packed could unpack to anything; redirects could carry the key to another server.
            headers = {"accept-encoding": "identity", "user-agent": "plait"}
            if self.server.key:
                headers["authorization"] = f"Bearer {self.server.key}"
            timeout = httpx.Timeout(None, connect=CONNECTS_WITHIN)
            self.http = httpx.AsyncClient(
                headers=headers, timeout=timeout, limits=LIMITS, trust_env=False, follow_redirects=False
            )
        return self.http

    async def aclose(self) -> None:
        if self.http is not None:
            http, self.http = self.http, None
            await http.aclose()


def listed(names: list[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return (", ".join(names[:SHOWN]) or "none") + more
