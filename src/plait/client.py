"""The one door to models: in this process, or over HTTP, the same calls.

    with Client("http://plait.example:8800", key=key):     # everything inside talks to that server
        extract_invoice(text)

Without a client, and without PLAIT_URL, a call uses a `plait up` of this machine if it knows the very same task, else
it starts an engine of its own.
"""

import json
import socket
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import aclosing
from contextvars import Token
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from plait.core import errors, loop
from plait.core.answering import Answered, Event, Item, SoFar
from plait.core.door import Call, TaskCard, Transport, current, in_process, transport
from plait.core.engine import End, Piece, Usage
from plait.core.errors import NoTask, PlaitError, Problem, ServerError
from plait.core.kinds import Json, WireError
from plait.core.options import Options
from plait.core.prompt import Message
from plait.core.reading import beside_inputs
from plait.core.settings import settings

if TYPE_CHECKING:
    import httpx

NEAR = 0.25  # seconds that a server of this machine has to say that it is there


class Client:
    """A server to ask; without a URL what a call without a client would ask. `with` makes it the one for all calls."""

    def __init__(self, url: str | None = None, *, key: str | None = None) -> None:
        self.transport: Transport = HttpTransport(url, key) if url else transport()
        self._token: Token[Transport | None] | None = None

    def __enter__(self) -> "Client":
        self._token = current.set(self.transport)
        return self

    def __exit__(self, *_: object) -> None:
        assert self._token is not None
        current.reset(self._token)
        if isinstance(self.transport, HttpTransport):
            loop.run(self.transport.aclose())

    def tasks(self) -> list[TaskCard]:
        """What can be asked here."""
        return loop.run(self.transport.tasks())

    def chat(self, messages: Sequence[Mapping[str, str]], **options: Any) -> Iterator[str]:
        """What the model says next, in pieces. `options` are those of `task.using`."""
        said = tuple(Message(message["role"], message["content"]) for message in messages)
        for piece in loop.iterate(self.transport.chat(said, Options(**options))):
            if isinstance(piece, Piece):
                yield piece.text


class HttpTransport:
    """A Plait server. The caller's own objects stay here: a Ref in an answer is resolved against the list passed in."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url, self.key = url.rstrip("/"), key
        self.http: httpx.AsyncClient | None = None

    def connected(self) -> "httpx.AsyncClient":
        import httpx

        if self.http is None:
            headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
            timeout = httpx.Timeout(None, connect=10.0)
            self.http = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=timeout, trust_env=False)
        return self.http

    async def answer(self, call: Call) -> AsyncIterator[Event]:
        async with aclosing(self.told(call)) as events:
            async for name, data in events:
                yield event(name, data, call)

    async def told(self, call: Call) -> AsyncIterator[tuple[str, Any]]:
        """The server's events. Raises the server's error as the error it was there."""
        import httpx

        declaration = call.declaration
        none = beside_inputs((), {})
        body = {slot.name: slot.kind.encode(call.inputs[slot.name], none) for slot in declaration.slots}
        query = {name: str(value) for name, value in vars(call.options).items() if value is not None}
        try:
            async with self.connected().stream(
                "POST",
                f"/v1/tasks/{declaration.name}",
                json=body,
                params=query,
                headers={"accept": "text/event-stream" if call.streamed else "application/json"},
            ) as response:
                if response.status_code != 200:
                    raise told_error(await response.aread(), self.url)
                if not call.streamed:
                    yield "answer", parsed(await response.aread(), self.url)
                    return
                async for name, data in server_sent(response.aiter_lines()):
                    yield name, parsed(data.encode(), self.url)
        except httpx.TransportError as fault:
            raise self.not_there(fault) from None

    def not_there(self, fault: Exception) -> ServerError:
        return ServerError(
            f"{self.url} does not answer: {fault or type(fault).__name__}",
            way_out="start it with plait up, or mend PLAIT_URL",
        )

    async def chat(self, messages: Sequence[Message], options: Options) -> AsyncIterator[Piece | End]:
        raise ServerError(
            f"{self.url} cannot be chatted with yet", way_out="chat in this process: PLAIT_URL=none plait chat"
        )
        yield Piece("")

    async def tasks(self) -> list[TaskCard]:
        told = await self.get("/v1/tasks")
        return [
            TaskCard(each["name"], each["instruction"], each["answer"], each["fingerprint"]) for each in told["tasks"]
        ]

    async def get(self, path: str) -> Any:
        import httpx

        try:
            response = await self.connected().get(path)
        except httpx.TransportError as fault:
            raise self.not_there(fault) from None
        if response.status_code != 200:
            raise told_error(response.content, self.url)
        return parsed(response.content, self.url)

    async def aclose(self) -> None:
        if self.http is not None:
            await self.http.aclose()
            self.http = None


class NearbyTransport:
    """A `plait up` of this machine for the tasks that it knows word for word; this process for all others."""

    def __init__(self, server: HttpTransport) -> None:
        self.server = server
        self.known: dict[str, bool] = {}

    async def answer(self, call: Call) -> AsyncIterator[Event]:
        chosen = self.server if not call.by_code and await self.knows(call) else in_process()
        async with aclosing(chosen.answer(call)) as events:  # pyright: ignore[reportArgumentType]
            async for each in events:
                yield each

    async def knows(self, call: Call) -> bool:
        fingerprint = call.declaration.fingerprint
        if fingerprint not in self.known:
            try:
                told = await self.server.get(f"/v1/tasks/{call.declaration.name}")
                self.known[fingerprint] = told["fingerprint"] == fingerprint
            except NoTask:
                self.known[fingerprint] = False
            except PlaitError:
                return False
        return self.known[fingerprint]

    def chat(self, messages: Sequence[Message], options: Options) -> AsyncIterator[Piece | End]:
        return in_process().chat(messages, options)

    async def tasks(self) -> list[TaskCard]:
        return await self.server.tasks()

    async def aclose(self) -> None:
        await self.server.aclose()


def nearby() -> Transport | None:
    """The server that PLAIT_URL names, or a `plait up` of this machine; None where neither is there."""
    told = settings()
    key = told.keys[0] if told.keys else None
    if told.url:
        return named_server(told.url, key)
    return near_server(f"http://{told.host}:{told.port}", key) if listening(told.host, told.port) else None


@lru_cache(maxsize=4)
def named_server(url: str, key: str | None) -> Transport:
    """One transport per server: its connections are kept from call to call."""
    return HttpTransport(url, key)


@lru_cache(maxsize=4)
def near_server(url: str, key: str | None) -> Transport:
    return NearbyTransport(HttpTransport(url, key))


def listening(host: str, port: int) -> bool:
    try:
        with socket.create_connection((host, port), NEAR):
            return True
    except OSError:
        return False


def event(name: str, data: Any, call: Call) -> Event:
    """An event as the gate of this process would give it. What a server says is checked like anything else."""
    declaration = call.declaration
    beside = beside_inputs(declaration.targets, call.inputs)
    try:
        match name:
            case "piece":
                return Piece(data["text"])
            case "so_far":
                return SoFar(data["so_far"])
            case "item":
                return Item(dict(declaration.answer.children)["[]"].decode(data["item"], beside))
            case "answer":
                value = declaration.answer.decode(data["answer"], beside)
                return Answered(
                    value, data["answer"], data["id"], data["model"], Usage(**data["usage"]), data["seconds"]
                )
            case "error":
                raise rebuilt(data["error"])
            case _:
                raise ServerError(f"the server told an event that is not known: {name}")
    except (WireError, KeyError, TypeError) as fault:
        raise ServerError(f"the server's answer is none of {declaration.name}: {fault}") from None


async def server_sent(lines: AsyncIterator[str]) -> AsyncIterator[tuple[str, str]]:
    """Events of a stream (HTML standard, 9.2.6), as far as Plait writes them."""
    name, data = "message", ""
    async for line in lines:
        if line.startswith("event: "):
            name = line[7:]
        elif line.startswith("data: "):
            data += line[6:]
        elif not line and data:
            yield name, data
            name, data = "message", ""


def parsed(content: bytes, url: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        shown = content[:80].decode(errors="replace")
        raise ServerError(
            f"{url} answers something that is no JSON: {shown}", way_out="is a Plait server there?"
        ) from None


def told_error(content: bytes, url: str) -> PlaitError:
    told = parsed(content, url)
    if not isinstance(told, dict) or "error" not in told:
        return ServerError(f"{url} answers an error that is not Plait's: {content[:80].decode(errors='replace')}")
    return rebuilt(told["error"])  # pyright: ignore[reportUnknownArgumentType]


def rebuilt(told: dict[str, Json]) -> PlaitError:
    """A server's error as the same error here: same class, same words, same way out."""
    kind = getattr(errors, str(told.get("type")), ServerError)
    if not (isinstance(kind, type) and issubclass(kind, PlaitError)):
        kind = ServerError
    error = kind.__new__(kind)
    PlaitError.__init__(
        error,
        str(told.get("message")),
        details=tuple(map(str, told.get("details") or ())),  # pyright: ignore[reportArgumentType]
        way_out=str(told.get("way_out") or ""),
    )
    problems: Any = told.get("problems") or ()
    vars(error).update(problems=tuple(Problem(**problem) for problem in problems), answer=str(told.get("answer") or ""))
    return error
