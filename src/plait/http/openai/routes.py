"""/v1/models, /v1/chat/completions and /v1/completions, with the JSON and the statuses of OpenAI's API."""

from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from typing import TypeVar

from starlette.requests import Request
from starlette.responses import Response

from plait.core.engine.conversation import CompletionRequest
from plait.core.engine.protocol import Finish, TextDelta
from plait.core.errors import ContextTooLong, InputError, PlaitError, Problem
from plait.core.sse import encode_event
from plait.core.task.options import parse_options
from plait.core.values.json_text import loads
from plait.core.values.quoting import quote
from plait.core.values.strict import StrictModel, parse_strict
from plait.http.openai.requests import CreateChatCompletionRequest, CreateCompletionRequest
from plait.http.openai.responses import ChatResponseBuilder, CompletionResponseBuilder, ResponseBuilder
from plait.http.requests import cancel_on_disconnect, first_event, read_body
from plait.http.responses import EventStreamResponse, error_object, error_response, http_status, json_response
from plait.service.local_transport import LocalTransport

S = TypeVar("S", bound=StrictModel)
Endpoint = Callable[[Request], Awaitable[Response]]
CREATED_UNKNOWN = 0  # when a model was made; OpenAI's clients want a number


class OpenAIEndpoints:
    """The endpoints over the transport that answers them."""

    def __init__(self, transport: LocalTransport) -> None:
        self.transport = transport

    async def models(self, request: Request) -> Response:
        return json_response(
            {"object": "list", "data": [model_object(name) for name in self.transport.chat_model_names()]}
        )

    async def model(self, request: Request) -> Response:
        return json_response(model_object(self.transport.chat_engine(request.path_params["name"]).name))

    async def chat(self, request: Request) -> Response:
        body = parse_strict(CreateChatCompletionRequest, loads(await read_body(request), "the body"), "chat")
        conversation = body.conversation(timeout_param(request))
        builder = ChatResponseBuilder(self.transport.chat_engine(body.model).name, body.wants_usage)
        return await respond(request, self.transport.chat(conversation), builder, bool(body.stream))

    async def complete(self, request: Request) -> Response:
        body = parse_strict(CreateCompletionRequest, loads(await read_body(request), "the body"), "completion")
        completion_request = CompletionRequest(body.prompt, body.model, body.sampling, timeout_param(request))
        builder = CompletionResponseBuilder(self.transport.chat_engine(body.model).name, body.wants_usage)
        return await respond(request, self.transport.complete(completion_request), builder, bool(body.stream))


def with_openai_errors(endpoint: Endpoint) -> Endpoint:
    """The endpoint with OpenAI's statuses: an invalid request is 400, which its clients do not retry."""

    async def endpoint_with_errors(request: Request) -> Response:
        try:
            return await endpoint(request)
        except PlaitError as error:
            bad = type(error) in (InputError, ContextTooLong)
            return error_response(error, 400 if bad else http_status(error))

    return endpoint_with_errors


def model_object(name: str) -> dict[str, object]:
    return {"id": name, "object": "model", "created": CREATED_UNKNOWN, "owned_by": "plait"}


def timeout_param(request: Request) -> float | None:
    """Seconds for the whole answer: `?timeout=`, since OpenAI has no parameter for it."""
    for name, value in request.query_params.items():
        if name != "timeout":
            problem = Problem(name, "is not a query parameter", quote(value))
            raise InputError(
                f"option {name} is not known",
                problems=(problem,),
                hint="the only query parameter is timeout; everything else goes into the body",
            )
    return parse_options(dict(request.query_params)).timeout


async def respond(
    request: Request, deltas: AsyncGenerator[TextDelta | Finish, None], builder: ResponseBuilder, streamed: bool
) -> Response:
    if streamed:
        return EventStreamResponse(sse_chunks(await first_event(request, deltas), deltas, builder))
    text, end = await cancel_on_disconnect(request, collect_text(deltas))
    return json_response(builder.completion(text, end))


async def collect_text(deltas: AsyncGenerator[TextDelta | Finish, None]) -> tuple[str, Finish]:
    texts: list[str] = []
    async with aclosing(deltas):
        async for event in deltas:
            if isinstance(event, Finish):
                return "".join(texts), event
            texts.append(event.text)
    raise AssertionError("an answer has an end")


async def sse_chunks(
    first: TextDelta | Finish, deltas: AsyncGenerator[TextDelta | Finish, None], builder: ResponseBuilder
) -> AsyncGenerator[bytes, None]:
    async with aclosing(deltas):
        yield builder.first_chunk() + sse_chunk(first, builder)
        try:
            async for event in deltas:
                yield sse_chunk(event, builder)
        except PlaitError as error:
            yield encode_event(error_object(error))


def sse_chunk(delta: TextDelta | Finish, builder: ResponseBuilder) -> bytes:
    return builder.final_chunks(delta) if isinstance(delta, Finish) else builder.text_chunk(delta.text)
