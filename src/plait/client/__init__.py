"""The client: the same calls to models in this process and over HTTP.

    with Client("http://plait.example:8800", key=key):     # everything inside talks to that server
        extract_invoice(text)

Without a client, and without PLAIT_URL, a call uses a `plait up` of this machine if it knows the very same task, else
it starts an engine of its own.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from threading import Lock
from typing import Any

from plait.client.http_transport import HttpTransport
from plait.core.calls import event_loop
from plait.core.calls.scope import TransportScope, current_scope, open_scope
from plait.core.calls.transport import TaskSummary, Transport, transport
from plait.core.engine.chat_schema import ConversationSchema
from plait.core.engine.conversation import Conversation
from plait.core.engine.protocol import TextDelta
from plait.core.values.strict import parse_strict


class Client:
    """A Plait server; without a URL what calls without a client use.

    Inside `with`, all calls go to it, also from threads that are started there.
    """

    def __init__(self, url: str | None = None, *, key: str | None = None) -> None:
        self.transport: Transport = HttpTransport(url, key) if url else transport()
        self._scopes: list[TransportScope] = []
        self._lock = Lock()  # no thread enters while the last one that leaves closes the connections

    def __enter__(self) -> "Client":
        with self._lock:
            self._scopes.append(open_scope(self.transport))
        return self

    def __exit__(self, *_: object) -> None:
        scope = self._innermost_scope()
        scope.close()
        with self._lock:
            self._scopes.remove(scope)
            if isinstance(self.transport, HttpTransport) and not self._scopes:
                event_loop.run(self.transport.aclose())

    def _innermost_scope(self) -> TransportScope:
        """The block of this client around the caller: several threads may be inside `with` of one client."""
        scope = current_scope.get()
        while scope is not None and scope not in self._scopes:
            scope = scope.outer
        return scope or self._scopes[-1]

    def tasks(self) -> list[TaskSummary]:
        """The tasks of the server."""
        return event_loop.run(self.transport.tasks())

    def chat(
        self,
        messages: Sequence[Mapping[str, Any]],
        *,
        model: str | None = None,
        max_tokens: int | None = None,
        temperature: float | None = None,
        top_p: float | None = None,
        seed: int | None = None,
        stop: str | Sequence[str] | None = None,
        timeout: float | None = None,
    ) -> Iterator[str]:
        """The next message as text deltas; closing the iterator stops the model. Messages have OpenAI's form."""
        fields: dict[str, Any] = {
            "messages": list(messages),
            "model": model,
            "max_tokens": max_tokens,
            "temperature": temperature,
            "top_p": top_p,
            "seed": seed,
            "stop": stop if isinstance(stop, str) or stop is None else list(stop),
        }
        return text_deltas(
            self.transport, parse_strict(ConversationSchema, fields, "chat").to_conversation(timeout=timeout)
        )


def text_deltas(transport: Transport, conversation: Conversation) -> Iterator[str]:
    with closing(event_loop.iterate(transport.chat(conversation))) as deltas:
        for delta in deltas:
            if isinstance(delta, TextDelta):
                yield delta.text
