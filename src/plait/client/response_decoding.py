"""What a Plait server says, as the values and errors of this process."""

import json
from collections.abc import AsyncIterator
from typing import Any

from plait.core import errors
from plait.core.calls.transport import Call
from plait.core.engine.protocol import Piece, Usage
from plait.core.engine.validation import Answered, Event, Item, SoFar
from plait.core.errors import PlaitError, Problem, ServerError
from plait.core.task.signature import beside_inputs
from plait.core.values.value_type import Json, WireError


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


async def server_sent(told: AsyncIterator[bytes]) -> AsyncIterator[tuple[str, bytes]]:
    """Events of a stream (HTML standard, 9.2.6), as far as Plait writes them."""
    name, data = "message", b""
    async for line in told:
        if line.startswith(b"event: "):
            name = line[7:].decode()
        elif line.startswith(b"data: "):
            data += line[6:]
        elif not line and data:
            yield name, data
            name, data = "message", b""


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
