"""Decodes a Plait server's responses into values, events and errors."""

import json
from contextlib import suppress
from typing import Any, cast

from plait.core import errors
from plait.core.calls.transport import Call
from plait.core.engine.envelope import completed_from_json
from plait.core.engine.protocol import PartialAnswer, TextDelta
from plait.core.engine.validation import AnswerEvent, ListItem
from plait.core.errors import PlaitError, Problem, ServerError, Unsure
from plait.core.values.call_context import call_context
from plait.core.values.json_value import InvalidValue, Json


def parse_event(name: str, data: Any, call: Call) -> AnswerEvent:
    """A server's event as the event of a local call. Answers are checked like those of an engine here."""
    declaration = call.declaration
    context = call_context(declaration, call.inputs)
    try:
        match name:
            case "piece":
                return TextDelta(data["text"])
            case "partial":
                return PartialAnswer(data["partial"])
            case "item":
                return ListItem(dict(declaration.answer.children)["[]"].decode(data["item"], context))
            case "answer":
                return completed_from_json(declaration.answer.decode(data["answer"], context), data)
            case "error":
                raise error_from_json(data["error"])
            case _:
                raise ServerError(f"the server sent an unknown event: {name}")
    except (InvalidValue, KeyError, TypeError) as error:
        raise ServerError(f"the server's answer is not a valid answer of {declaration.name}: {error}") from None


def decode_unsure(unsure: Unsure, call: Call) -> Unsure:
    """The error with its answer as a value of the declared type."""
    context = call_context(call.declaration, call.inputs)
    with suppress(InvalidValue):  # of a server with another version of the task; its JSON form is there
        unsure.answer = call.declaration.answer.decode(cast(Json, unsure.json_value), context)
    return unsure


def parse_json(content: bytes, url: str) -> Any:
    try:
        return json.loads(content)
    except ValueError:
        excerpt = content[:80].decode(errors="replace")
        raise ServerError(
            f"{url} answers with something other than JSON: {excerpt}",
            hint="check that a Plait server runs at this address",
        ) from None


def error_from_response(content: bytes, url: str) -> PlaitError:
    payload = parse_json(content, url)
    if not isinstance(payload, dict) or "error" not in payload:
        return ServerError(f"{url} answers with an error in an unknown format: {content[:80].decode(errors='replace')}")
    return error_from_json(payload["error"])  # pyright: ignore[reportUnknownArgumentType]


def error_from_json(payload: dict[str, Json]) -> PlaitError:
    """A server's error as the same error here: class, message, details, hint."""
    error_class = getattr(errors, str(payload.get("type")), ServerError)
    if not (isinstance(error_class, type) and issubclass(error_class, PlaitError)):
        error_class = ServerError
    error = error_class.__new__(error_class)
    PlaitError.__init__(
        error,
        str(payload.get("message")),
        details=tuple(map(str, payload.get("details") or ())),  # pyright: ignore[reportArgumentType]
        hint=str(payload.get("hint") or ""),
    )
    problems: Any = payload.get("problems") or ()
    if isinstance(error, Unsure):
        confidence: Any = payload.get("confidence") or {}
        vars(error).update(
            answer=None, json_value=payload.get("answer"), id=str(payload.get("id") or ""), confidence=confidence
        )
        return error
    vars(error).update(
        problems=tuple(Problem(**problem) for problem in problems), answer=str(payload.get("answer") or "")
    )
    return error
