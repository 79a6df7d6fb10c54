"""The one door to models: in this process, or over HTTP, the same calls.

    with Client("http://plait.example:8800", key=key):     # everything inside talks to that server
        extract_invoice(text)

Without a client, and without PLAIT_URL, a call uses a `plait up` of this machine if it knows the very same task, else
it starts an engine of its own.
"""

import weakref
from collections.abc import Iterator, Mapping, Sequence
from contextvars import Token
from typing import Any

from plait.client.http import HttpTransport
from plait.core import loop
from plait.core.door import TaskCard, Transport, current, transport
from plait.core.engine import Piece
from plait.core.options import Options
from plait.core.prompt import Message


class Client:
    """A server to ask; without a URL what a call without a client would ask. `with` makes it the one for all calls."""

    def __init__(self, url: str | None = None, *, key: str | None = None) -> None:
        self.transport: Transport = HttpTransport(url, key) if url else transport()
        if url:
            weakref.finalize(self, forgotten, self.transport).atexit = False
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


def forgotten(server: Transport) -> None:
    """Closes the connections of a client that was used without `with`, once nobody holds it any more."""
    loop.submitted(server.aclose())
