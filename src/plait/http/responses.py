"""Responses of task endpoints: the answer's envelope, the error object with its status, server-sent events."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any

from starlette.responses import Response, StreamingResponse
from starlette.types import Send

from plait.core import errors
from plait.core.engine.envelope import envelope
from plait.core.engine.protocol import PartialAnswer, TextDelta
from plait.core.engine.validation import AnswerEvent, Completed, ListItem
from plait.core.errors import AnswerTooLong, InputError, InvalidAnswer, PlaitError, Unsure
from plait.core.sse import MEDIA_TYPE, encode_event
from plait.core.task.declaration import Declaration
from plait.core.values.call_context import call_context
from plait.core.values.json_text import dumps

# The nearest base class of an error that is listed here decides.
HTTP_STATUS: dict[type[PlaitError], int] = {
    errors.InputTooLarge: 413,
    errors.InputError: 422,
    errors.ContextTooLong: 413,
    errors.TaskNotFound: 404,
    errors.AnswerNotFound: 404,
    errors.ModelNotFound: 404,
    errors.Forbidden: 403,
    errors.EngineDied: 503,
    errors.EngineBusy: 503,
    errors.TimedOut: 504,
    errors.EngineError: 502,
    errors.InvalidAnswer: 502,
    errors.AnswerTooLong: 502,
    errors.Unsure: 422,
    errors.MissingDependency: 501,
    errors.PlaitError: 500,
}
# OpenAI's clients read these in an error's `code`.
OPENAI_CODES: dict[type[PlaitError], str] = {
    errors.ModelNotFound: "model_not_found",
    errors.NoCapableModel: "model_not_found",
    errors.ContextTooLong: "context_length_exceeded",
    errors.EngineBusy: "rate_limit_exceeded",
    errors.Forbidden: "invalid_api_key",
}
RETRY_AFTER = "2"  # seconds; the embedded engine restarts within one


def http_status(error: PlaitError) -> int:
    return next(HTTP_STATUS[error_class] for error_class in type(error).__mro__ if error_class in HTTP_STATUS)


def error_object(error: PlaitError) -> dict[str, Any]:
    """The error as JSON, with the texts of Python and the shell; `param` and `code` are those of OpenAI's API."""
    problems = error.problems if isinstance(error, InputError | InvalidAnswer) else ()
    payload: dict[str, Any] = {
        "type": type(error).__name__,
        "message": error.message,
        "param": problems[0].path if problems else None,
        "code": OPENAI_CODES.get(type(error)),
        "details": list(error.details),
        "hint": error.hint,
        "retryable": error.retryable,
    }
    if isinstance(error, InputError | InvalidAnswer):
        payload["problems"] = [vars(problem) for problem in problems]
    if isinstance(error, InvalidAnswer | AnswerTooLong):
        payload["answer"] = error.answer
    if isinstance(error, Unsure):
        payload |= {"answer": error.json_value, "id": error.id, "confidence": dict(error.confidence)}
    return {"error": payload}


def json_response(body: Any, status_code: int = 200, headers: dict[str, str] | None = None) -> Response:
    return Response(dumps(body), status_code, headers, media_type="application/json")


def error_response(error: PlaitError, status_code: int | None = None) -> Response:
    headers = {"retry-after": RETRY_AFTER} if error.retryable else None
    return json_response(error_object(error), status_code or http_status(error), headers)


def event_to_sse(event: AnswerEvent, declaration: Declaration, inputs: dict[str, object]) -> bytes:
    """An event of an answer as a server-sent event."""
    match event:
        case TextDelta(text):
            return encode_event({"text": text}, "piece")
        case ListItem(value):
            item = dict(declaration.answer.children)["[]"]
            return encode_event({"item": item.encode(value, call_context(declaration, inputs).json_context)}, "item")
        case PartialAnswer(json_value):
            return encode_event({"partial": json_value}, "partial")
        case Completed():
            return encode_event(envelope(event, declaration, inputs), "answer")


class ClosingResponse(StreamingResponse):
    """Streams content and closes its source however the response ends: a client may leave before the end."""

    def __init__(self, chunks: AsyncGenerator[bytes, None], media_type: str, headers: Mapping[str, str]) -> None:
        self.chunks = chunks
        super().__init__(chunks, media_type=media_type, headers={"cache-control": "no-store", **headers})

    async def stream_response(self, send: Send) -> None:
        async with aclosing(self.chunks):
            await super().stream_response(send)


class EventStreamResponse(ClosingResponse):
    """Streams server-sent events."""

    def __init__(self, events: AsyncGenerator[bytes, None]) -> None:
        super().__init__(events, MEDIA_TYPE, {})
