"""Calls to a Plait server over HTTP."""

import os
import weakref
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import TYPE_CHECKING, Any
from urllib.parse import quote as quote_segment

from plait.client.chat_decoding import parse_chat_stream
from plait.client.response_decoding import decode_unsure, error_from_response, parse_event, parse_json
from plait.core.calls import event_loop
from plait.core.calls.answer_changes import changed_answer, is_json
from plait.core.calls.transport import Call, TaskSummary
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.engine.validation import AnswerEvent
from plait.core.errors import AnswerNotFound, ServerError, Unsure
from plait.core.prompting.example_rows import CORRECTION_COLUMN, Example, example_from_json
from plait.core.sse import MEDIA_TYPE, StreamTooLarge, iter_events
from plait.core.task.declaration import Declaration
from plait.core.values.inputs import inputs_from_json

if TYPE_CHECKING:
    import httpx

    from plait.core.calls.feedback import Feedback


class HttpTransport:
    """Transport to a Plait server. A Ref in an answer is resolved here, against the list that the caller passed in."""

    def __init__(self, url: str, key: str | None = None) -> None:
        self.url, self.key = url.rstrip("/"), key
        self.http: httpx.AsyncClient | None = None
        self.pid = 0  # the process whose connections these are: a forked child opens its own

    def http_client(self) -> "httpx.AsyncClient":
        import httpx

        if self.http is None or self.pid != os.getpid():
            headers = {"authorization": f"Bearer {self.key}"} if self.key else {}
            timeout = httpx.Timeout(None, connect=10.0)
            self.http = httpx.AsyncClient(base_url=self.url, headers=headers, timeout=timeout, trust_env=False)
            self.pid = os.getpid()
            weakref.finalize(self, close_connections, self.http, self.pid).atexit = False
        return self.http

    async def answer(self, call: Call) -> AsyncGenerator[AnswerEvent, None]:
        try:
            async with aclosing(self.task_events(call)) as events:
                async for name, data in events:
                    yield parse_event(name, data, call)
        except Unsure as unsure:
            raise decode_unsure(unsure, call) from None

    async def task_events(self, call: Call) -> AsyncGenerator[tuple[str, Any], None]:
        """The server's events. Raises the server's error."""
        declaration = call.declaration
        body = declaration.inputs_to_json(call.inputs)
        path = f"/v1/tasks/{declaration.name}"
        query = query_params({**vars(call.options), "user": call.person or None})
        async with aclosing(self.post_events(path, body, query, streamed=call.streamed)) as events:
            async for name, data in events:
                yield name, parse_json(data, self.url)

    async def post_events(
        self, path: str, body: Any, query: dict[str, str], *, streamed: bool
    ) -> AsyncGenerator[tuple[str, bytes], None]:
        """The events of a stream; without streaming, the one event `answer`."""
        import httpx

        accept = {"accept": MEDIA_TYPE if streamed else "application/json"}
        try:
            async with self.http_client().stream("POST", path, json=body, params=query, headers=accept) as response:
                if response.status_code != 200:
                    raise error_from_response(await response.aread(), self.url)
                if not streamed:
                    yield "answer", await response.aread()
                    return
                async for event in iter_events(response.aiter_bytes()):
                    yield event.name, event.data
        except httpx.TransportError as error:
            raise self.connection_error(error) from None
        except StreamTooLarge as error:
            raise ServerError(
                f"{self.url} sent {error}", hint="check that a Plait server runs at this address"
            ) from None

    def connection_error(self, error: Exception) -> ServerError:
        return ServerError(
            f"{self.url} does not answer: {error or type(error).__name__}",
            hint="start it with plait up, or correct PLAIT_URL",
        )

    async def chat(self, conversation: Conversation) -> AsyncGenerator[TextDelta | Finish, None]:
        from plait.core.engine.chat_schema import conversation_json

        body = {**conversation_json(conversation), "stream": True, "stream_options": {"include_usage": True}}
        query = query_params({"timeout": conversation.timeout})
        async with aclosing(self.post_events("/v1/chat/completions", body, query, streamed=True)) as events:
            async for event in parse_chat_stream((data async for _, data in events), self.url):
                yield event

    async def tasks(self) -> list[TaskSummary]:
        payload = await self.get("/v1/tasks")
        return [
            TaskSummary(each["name"], each["instruction"], each["answer"], each["fingerprint"])
            for each in payload["tasks"]
        ]

    async def correct(self, declaration: Declaration, id: str, changes: Mapping[str, object]) -> Example:
        if not all(map(is_json, changes.values())):
            # A Python value becomes JSON here; a Ref needs the inputs of the answer.
            answer = await self.get(answer_path(id))
            inputs = inputs_from_json(declaration, answer["inputs"])
            changes = {"": changed_answer(declaration, inputs, answer["answer"], changes)[1]}
        body = {"answer": changes[""]} if [*changes] == [""] else {"fields": changes} if changes else {"right": True}
        stored = await self.request("POST", f"{answer_path(id)}/correction", body)
        row = {**stored["inputs"], "answer": stored["answer"], CORRECTION_COLUMN: id}
        return example_from_json(declaration, row, self.url)

    async def undo_correction(self, declaration: Declaration, id: str) -> bool:
        try:
            await self.request("DELETE", f"{answer_path(id)}/correction")
        except AnswerNotFound:
            return False
        return True

    async def feedback(self, feedback: "Feedback") -> None:
        await self.request("POST", "/v1/feedback", feedback.json_value)

    async def get(self, path: str) -> Any:
        return await self.request("GET", path)

    async def request(self, method: str, path: str, body: object = None) -> Any:
        """The JSON of the response; None if there is none. Raises the server's error."""
        import httpx

        try:
            response = await self.http_client().request(method, path, json=body)
        except httpx.TransportError as error:
            raise self.connection_error(error) from None
        if not response.is_success:
            raise error_from_response(response.content, self.url)
        return parse_json(response.content, self.url) if response.content else None

    async def aclose(self) -> None:
        http, self.http = self.http, None
        if http is not None and self.pid == os.getpid():
            await http.aclose()


def close_connections(http: "httpx.AsyncClient", pid: int) -> None:
    """Closes the connections of a transport that was garbage-collected, in the process that opened them."""
    if pid == os.getpid():
        event_loop.submit(http.aclose())


def answer_path(id: str) -> str:
    return f"/v1/answers/{quote_segment(id, safe='')}"


def query_params(options: Mapping[str, object]) -> dict[str, str]:
    return {name: str(value) for name, value in options.items() if value is not None}
