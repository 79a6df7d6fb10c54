"""The gate: whatever an engine says becomes a valid answer here, or an error.

Decoded, validated, retried once, then InvalidAnswer; cut by a limit is AnswerTooLong, never half an object. While an
answer grows, what is already sure of it is passed on: text in pieces, the items of a list one by one, a record so far.
"""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Annotated, TypeVar, get_args, get_origin

from pydantic import ValidationError

from plait.core.calls.event_loop import closing
from plait.core.engine.incremental_json import ItemScanner, Trimmer
from plait.core.engine.protocol import Ask, End, Engine, Piece, Preview, Usage
from plait.core.errors import AnswerTooLong, InvalidAnswer, TimedOut
from plait.core.task.signature import spelled
from plait.core.values.inputs import adapter, faults_in, problems_of
from plait.core.values.json_text import growing, parsed
from plait.core.values.value_type import Json, Kind, WireError, inside

T = TypeVar("T")
ATTEMPTS = 2


@dataclass(frozen=True)
class SoFar:
    """A record or a picture as far as it is known, in wire form; it replaces the one before."""

    wire: Json


@dataclass(frozen=True)
class Item:
    """One whole item of a list."""

    value: object


@dataclass(frozen=True)
class Answered:
    """The whole answer. `model` is name and digest of what gave it; `seconds` the time of the whole call."""

    value: object
    wire: Json
    id: str
    model: str
    usage: Usage
    seconds: float


Event = Piece | SoFar | Item | Answered


async def answers(engine: Engine, ask: Ask, *, streamed: bool, timeout: float) -> AsyncIterator[Event]:
    """The events of one answer, Answered last. Raises InvalidAnswer, AnswerTooLong, TimedOut, the engine's errors."""
    started = time.monotonic()
    over = asyncio.get_running_loop().time() + timeout
    emitted, refused = 0, None
    for attempt in range(ATTEMPTS):
        draft = Draft(replace(ask, attempt=attempt, watched=streamed), streamed)
        repeating = False
        async with closing(engine.answer(draft.ask)) as pieces, closing(within(over, timeout, pieces)) as timely:
            async for piece in timely:
                if isinstance(piece, End) and piece.repeating and not (attempt or emitted):
                    repeating = True
                    break
                for event in draft.take(piece):
                    emitted += isinstance(event, Piece | Item)
                    yield event
        if repeating:
            continue
        try:
            value, wire = draft.whole()
        except WireError as error:
            refused = invalid(draft.ask, draft.text, error)
            if emitted:
                break  # what was handed out cannot be taken back
            continue
        digest = f"{engine.name}@{engine.digest}" if engine.digest else engine.name
        yield Answered(value, wire, new_id(ask), digest, draft.usage, time.monotonic() - started)
        return
    assert refused is not None
    raise refused


def new_id(ask: Ask) -> str:
    return f"{ask.declaration.fingerprint}-{os.urandom(6).hex()}"


async def within(over: float, timeout: float, pieces: AsyncIterator[T]) -> AsyncIterator[T]:
    """The pieces, as long as there is time. The limit stands around each wait, never around the consumer's own work."""
    while True:
        limit = asyncio.timeout_at(over)
        try:
            async with limit:
                piece = await anext(pieces)
        except StopAsyncIteration:
            return
        except TimeoutError:
            if not limit.expired():
                raise
            raise TimedOut(
                f"no answer within {timeout:g} seconds",
                way_out="allow more: task.using(timeout=...), or a faster model",
            ) from None
        yield piece


class Draft:
    """An answer while it is being written."""

    def __init__(self, ask: Ask, streamed: bool) -> None:
        self.ask = ask
        self.form = grows_as(ask) if streamed else ""
        self.items = ItemScanner()
        self.words = Trimmer()
        self.parts: list[str] = []
        self.usage = Usage()
        self.seen: Json = None

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def take(self, piece: Piece | Preview | End) -> list[Event]:
        """What is newly known. Raises AnswerTooLong at an end that is none."""
        if isinstance(piece, End):
            self.usage = piece.usage
            if not piece.whole:
                raise AnswerTooLong(
                    f"{self.ask.declaration.name} answered more than {piece.usage.answer_tokens:,} tokens",
                    answer=self.text,
                    way_out="bound the answer (max_length), ask for less, or allow more (answer_tokens in plait.toml)",
                )
            return []
        if isinstance(piece, Preview):
            return [SoFar(piece.wire)] if self.form else []
        self.parts.append(piece.text)
        match self.form:
            case "text":
                sure = self.words.feed(piece.text)
                return [Piece(sure)] if sure else []
            case "list":
                return [Item(self.item(text)) for text in self.items.feed(piece.text)]
            case "" | "image":
                return []
            case _:
                return self.so_far()

    def item(self, text: str) -> object:
        """One item of the list, checked by itself: what has been handed out cannot be taken back."""
        declaration = self.ask.declaration
        kind = dict(declaration.answer.children)["[]"]
        try:
            return self.valid(kind, item_of(declaration.answer_annotation), as_json(text))
        except WireError as error:
            raise invalid(self.ask, text, error) from None

    def so_far(self) -> list[Event]:
        known = growing(self.text)
        if known is None or known == self.seen:
            return []
        self.seen = known
        return [SoFar(known)]

    def whole(self) -> tuple[object, Json]:
        """The answer and its wire form. Raises WireError."""
        declaration, text = self.ask.declaration, self.text
        wire: Json = text.strip() if declaration.bare else as_json(text)
        value = self.valid(declaration.answer, declaration.answer_annotation, wire)
        return value, declaration.answer.encode(value, self.ask.beside.on_the_wire)

    def valid(self, kind: Kind, annotation: object, wire: Json) -> object:
        """The value of a wire form, as its kind and then the writer's own type have it. Raises WireError."""
        value = kind.decode(wire, self.ask.beside)
        try:
            return adapter(annotation).validate_python(value)
        except ValidationError as error:
            raise WireError("is refused", wire, faults=faults_in(error)) from None


def grows_as(ask: Ask) -> str:
    """The form of the answer while it grows; empty where nothing of it can be shown before it is whole.

    A box that a model writes in a frame of its own means nothing to who reads it, until it is turned into pixels.
    """
    answer = ask.declaration.answer
    framed = ask.beside.frame and any(kind.name == "box" for _, kind in inside(answer))
    return "" if framed and answer.name != "list" else answer.name


def as_json(text: str) -> Json:
    try:
        return parsed(text)
    except ValueError as fault:
        raise WireError(f"is not JSON: {fault}", text) from None


def item_of(annotation: object) -> object:
    """`Line` of `list[Line]`, also where that stands in `Annotated`."""
    return item_of(get_args(annotation)[0]) if get_origin(annotation) is Annotated else get_args(annotation)[0]


def invalid(ask: Ask, text: str, error: WireError) -> InvalidAnswer:
    name, twice = ask.declaration.name, "twice " if ask.attempt else ""
    return InvalidAnswer(
        f"{name} answered {twice}with what {spelled(ask.declaration.answer_annotation)} refuses",
        answer=text,
        problems=problems_of("", error),
        way_out=f"the answer is in error.answer; more shots or a larger model help (plait evaluate {name})",
    )
