"""/v1/models, /v1/chat/completions and /v1/completions, with the forms and statuses that OpenAI's clients know."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from plait.core.calls.event_loop import closing
from plait.core.engine.completion import Beginning
from plait.core.engine.protocol import End, Piece
from plait.core.errors import ContextTooLong, InputError, PlaitError, Problem
from plait.core.task.options import options_in
from plait.core.values.json_text import loads
from plait.core.values.quoting import shown
from plait.core.values.strict import Strict, read
from plait.http.openai.chat import ChatRequest
from plait.http.openai.completion import CompletionRequest
from plait.http.openai.responses import Told, ToldChat, ToldText, data
from plait.http.requests import body_of, first_of, unless_gone
from plait.http.responses import EventStream, error_object, error_response, json_response, status
from plait.service.local_transport import LocalTransport

S = TypeVar("S", bound=Strict)
Endpoint = Callable[[Request], Awaitable[Response]]
UNKNOWN = 0  # when a model was made; OpenAI's clients want a number


class OpenAIEndpoints:
    """The endpoints over the transport that answers them."""

    def __init__(self, transport: LocalTransport) -> None:
        self.transport = transport

    async def models(self, request: Request) -> Response:
        return json_response({"object": "list", "data": [model(name) for name in self.transport.chatting()]})

    async def model(self, request: Request) -> Response:
        return json_response(model(self.transport.chat_engine(request.path_params["name"]).name))

    async def chat(self, request: Request) -> Response:
        asked = read(ChatRequest, loads(await body_of(request), "the body"), "chat")
        conversation = asked.asked(timeout_in(request))
        told = ToldChat(self.transport.chat_engine(asked.model).name, asked.wants_usage)
        return await answer(request, self.transport.chat(conversation), told, bool(asked.stream))

    async def complete(self, request: Request) -> Response:
        asked = read(CompletionRequest, loads(await body_of(request), "the body"), "completion")
        beginning = Beginning(asked.prompt, asked.model, asked.manner, timeout_in(request))
        told = ToldText(self.transport.chat_engine(asked.model).name, asked.wants_usage)
        return await answer(request, self.transport.complete(beginning), told, bool(asked.stream))


def spoken(endpoint: Endpoint) -> Endpoint:
    """The endpoint with OpenAI's own statuses: what cannot be taken is a 400 there, which its clients do not repeat."""

    async def answered(request: Request) -> Response:
        try:
            return await endpoint(request)
        except PlaitError as error:
            bad = type(error) in (InputError, ContextTooLong)
            return error_response(error, 400 if bad else status(error))

    return answered


def model(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": UNKNOWN, "owned_by": "plait"}


def timeout_in(request: Request) -> float | None:
    """Seconds for the whole answer: `?timeout=`, since OpenAI has no parameter for it."""
    for name, value in request.query_params.items():
        if name != "timeout":
            fault = Problem(name, "is no query parameter here", shown(value))
            raise InputError(f"option {name} is not known", problems=(fault,), way_out="timeout is; all else is body")
    return options_in(dict(request.query_params)).timeout


async def answer(request: Request, pieces: AsyncIterator[Piece | End], told: Told, streamed: bool) -> Response:
    if streamed:
        return EventStream(chunks(await first_of(request, pieces), pieces, told))
    text, end = await unless_gone(request, whole(pieces))
    return json_response(told.completion(text, end))


async def whole(pieces: AsyncIterator[Piece | End]) -> tuple[str, End]:
    texts: list[str] = []
    async with closing(pieces):
        async for piece in pieces:
            if isinstance(piece, End):
                return "".join(texts), piece
            texts.append(piece.text)
    raise AssertionError("an answer has an end")


async def chunks(first: Piece | End, pieces: AsyncIterator[Piece | End], told: Told) -> AsyncIterator[bytes]:
    async with closing(pieces):
        yield told.opening() + chunk(first, told)
        try:
            async for piece in pieces:
                yield chunk(piece, told)
        except PlaitError as error:
            yield data(error_object(error))


def chunk(piece: Piece | End, told: Told) -> bytes:
    return told.closing(piece) if isinstance(piece, End) else told.piece(piece.text)
