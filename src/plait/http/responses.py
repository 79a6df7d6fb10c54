"""Answers and errors as HTTP carries them: the envelope, the error object with its status, server-sent events."""

from collections.abc import AsyncIterator
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from plait.core import errors
from plait.core.calls.event_loop import closing
from plait.core.engine.protocol import Piece
from plait.core.engine.validation import Answered, Event, Item, SoFar
from plait.core.errors import AnswerTooLong, InputError, InvalidAnswer, PlaitError
from plait.core.task.declaration import Declaration
from plait.core.task.signature import beside_inputs
from plait.core.values.json_text import dumps

# The first class in an error's own line of ancestors that stands here decides.
STATUS: dict[type[PlaitError], int] = {
    errors.InputTooLarge: 413,
    errors.InputError: 422,
    errors.ContextTooLong: 413,
    errors.NoTask: 404,
    errors.NoModel: 404,
    errors.Forbidden: 403,
    errors.EngineDied: 503,
    errors.EngineBusy: 503,
    errors.TimedOut: 504,
    errors.EngineError: 502,
    errors.InvalidAnswer: 502,
    errors.AnswerTooLong: 502,
    errors.MissingExtra: 501,
    errors.PlaitError: 500,
}
# What OpenAI's clients look for in an error's `code`.
CODES: dict[type[PlaitError], str] = {
    errors.NoModel: "model_not_found",
    errors.ContextTooLong: "context_length_exceeded",
    errors.EngineBusy: "rate_limit_exceeded",
    errors.Forbidden: "invalid_api_key",
}
EVENTS = "text/event-stream"
RETRY_AFTER = "2"  # seconds; the embedded engine starts anew within one


def status(error: PlaitError) -> int:
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def error_object(error: PlaitError) -> dict[str, Any]:
    """The error in the words of Python and the shell, and in parts for a program; `param`, `code` are OpenAI's."""
    problems = error.problems if isinstance(error, InputError | InvalidAnswer) else ()
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "message": error.message,
        "param": problems[0].path if problems else None,
        "code": CODES.get(type(error)),
        "details": list(error.details),
        "way_out": error.way_out,
        "retryable": error.retryable,
    }
    if isinstance(error, InputError | InvalidAnswer):
        told["problems"] = [vars(problem) for problem in problems]
    if isinstance(error, InvalidAnswer | AnswerTooLong):
        told["answer"] = error.answer
    return {"error": told}


def json_response(body: Any, code: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(dumps(body), code, headers, media_type="application/json")


def error_response(error: PlaitError, code: int | None = None) -> Response:
    headers = {"retry-after": RETRY_AFTER} if error.retryable else None
    return json_response(error_object(error), code or status(error), headers)


def envelope(answered: Answered) -> dict[str, Any]:
    return {
        "answer": answered.wire,
        "id": answered.id,
        "model": answered.model,
        "usage": vars(answered.usage),
        "seconds": round(answered.seconds, 4),
    }


def told(event: Event, declaration: Declaration, inputs: dict[str, object]) -> bytes:
    """One event of an answer, as a stream carries it."""
    match event:
        case Piece(text):
            return sse("piece", {"text": text})
        case Item(value):
            item = dict(declaration.answer.children)["[]"]
            return sse("item", {"item": item.encode(value, beside_inputs(declaration.targets, inputs))})
        case SoFar(wire):
            return sse("so_far", {"so_far": wire})
        case Answered():
            return sse("answer", envelope(event))


def sse(name: str, data: Any) -> bytes:
    """A server-sent event (HTML standard, 9.2.6); the data is one line of JSON."""
    return f"event: {name}\ndata: {dumps(data)}\n\n".encode()


class EventStream(StreamingResponse):
    """A response that tells events, and closes what they come from however it ends: a client may leave between two."""

    def __init__(self, events: AsyncIterator[bytes]) -> None:
        super().__init__(events, media_type=EVENTS, headers={"cache-control": "no-store"})

    async def stream_response(self, send: Send) -> None:
        async with closing(self.body_iterator):
            await super().stream_response(send)
