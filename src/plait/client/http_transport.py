"""A Plait server as a transport. The caller's own objects stay here: a Ref is resolved against the list passed in."""

import weakref
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

from plait.client.chat_decoding import said
from plait.client.response_decoding import event, parsed, server_sent, told_error
from plait.core.byte_lines import lines
from plait.core.calls import event_loop
from plait.core.calls.event_loop import closing
from plait.core.calls.transport import Call, TaskCard
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import End, Piece
from plait.core.engine.validation import Event
from plait.core.errors import ServerError
from plait.core.task.signature import beside_inputs

if TYPE_CHECKING:
    import httpx


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
            weakref.finalize(self, forgotten, self.http).atexit = False
        return self.http

    async def answer(self, call: Call) -> AsyncIterator[Event]:
        async with closing(self.told(call)) as events:
            async for name, data in events:
                yield event(name, data, call)

    async def told(self, call: Call) -> AsyncIterator[tuple[str, Any]]:
        """The server's events. Raises the server's error as the error it was there."""
        declaration = call.declaration
        none = beside_inputs((), {})
        body = {slot.name: slot.kind.encode(call.inputs[slot.name], none) for slot in declaration.slots}
        path = f"/v1/tasks/{declaration.name}"
        async with closing(self.posted(path, body, query_of(vars(call.options)), streamed=call.streamed)) as events:
            async for name, data in events:
                yield name, parsed(data, self.url)

    async def posted(
        self, path: str, body: Any, query: dict[str, str], *, streamed: bool
    ) -> AsyncIterator[tuple[str, bytes]]:
        """The events of a stream; a whole answer is the one event `answer`."""
        import httpx

        accept = {"accept": "text/event-stream" if streamed else "application/json"}
        try:
            async with self.connected().stream("POST", path, json=body, params=query, headers=accept) as response:
                if response.status_code != 200:
                    raise told_error(await response.aread(), self.url)
                if not streamed:
                    yield "answer", await response.aread()
                    return
                async for name, data in server_sent(lines(response.aiter_bytes())):
                    yield name, data
        except httpx.TransportError as fault:
            raise self.not_there(fault) from None

    def not_there(self, fault: Exception) -> ServerError:
        return ServerError(
            f"{self.url} does not answer: {fault or type(fault).__name__}",
            way_out="start it with plait up, or mend PLAIT_URL",
        )

    async def chat(self, conversation: Conversation) -> AsyncIterator[Piece | End]:
        from plait.core.engine.chat_schema import as_json

        body = {**as_json(conversation), "stream": True, "stream_options": {"include_usage": True}}
        query = query_of({"timeout": conversation.timeout})
        async with closing(self.posted("/v1/chat/completions", body, query, streamed=True)) as events:
            async for piece in said((data async for _, data in events), self.url):
                yield piece

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


def forgotten(http: "httpx.AsyncClient") -> None:
    """Closes the connections of a transport that nobody holds any more."""
    event_loop.submitted(http.aclose())


def query_of(options: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in options.items() if value is not None}
