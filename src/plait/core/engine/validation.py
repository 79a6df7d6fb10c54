"""Answer validation: turns the text of any engine into a valid answer or an error.

Decoded, validated, retried once, then InvalidAnswer; a text cut by a limit raises AnswerTooLong, never half an object.
While an answer grows, its settled part is passed on: pieces of text, items of a list one by one, a partial record.
"""

import asyncio
import os
from collections.abc import AsyncGenerator, AsyncIterator, Mapping
from contextlib import aclosing
from dataclasses import dataclass, field, replace
from typing import Annotated, Literal, TypeVar, get_args, get_origin

from plait.core.engine.answer_clock import AnswerClock, Clocked
from plait.core.engine.certificate import default_paths
from plait.core.engine.evidence import Evidence, evidence
from plait.core.engine.incremental_json import ItemScanner, Trimmer, settled_json, trim
from plait.core.engine.protocol import (
    Engine,
    Finish,
    PartialAnswer,
    TaskRequest,
    TextDelta,
    TokenProbs,
    Usage,
    model_of_answer,
)
from plait.core.engine.token_probs import AnswerProbs, LeafProbs, answer_probs
from plait.core.errors import AnswerTooLong, InvalidAnswer, TimedOut
from plait.core.task.derive import answer_grammar
from plait.core.task.printed_call import task_address
from plait.core.task.signature import aliased_type, annotation_text
from plait.core.values.inputs import problems_of
from plait.core.values.json_text import parse_json
from plait.core.values.json_value import InvalidValue, Json
from plait.core.values.pydantic_validation import validate
from plait.core.values.span import Span
from plait.core.values.value_type import Streaming, ValueType, iter_types

T = TypeVar("T")
MAX_ATTEMPTS = 2


@dataclass(frozen=True)
class ListItem:
    """One complete item of a list."""

    value: object


@dataclass(frozen=True)
class Completed:
    """The complete answer. `model` is the name and digest of its engine; `seconds` its own time, without queues.
    `route` is the route that chose this model, "" without one.

    `evidence` has the places in the inputs where quoted values stand, by dotted path. `defaults` are the paths of the
    values that the model did not write. `corrections` are the ids of the corrected answers among the prompt's examples.
    `probs` are the token probabilities of its values if the request asked for them, `confidence` what a calibration
    makes of them: by dotted path, "" for the whole answer.
    """

    value: object
    json_value: Json
    id: str = ""
    model: str = ""
    usage: Usage = field(default_factory=Usage)
    seconds: float = 0.0
    evidence: Evidence = field(default_factory=dict[str, tuple[Span, ...]])
    defaults: frozenset[str] = frozenset()
    corrections: tuple[str, ...] = ()
    probs: AnswerProbs = field(default_factory=dict[str, LeafProbs])
    confidence: Mapping[str, float] = field(default_factory=dict[str, float])
    route: str = ""


AnswerEvent = TextDelta | PartialAnswer | ListItem | Completed


async def answer_events(
    engine: Engine, request: TaskRequest, *, streamed: bool, timeout: float
) -> AsyncGenerator[AnswerEvent, None]:
    """The events of one answer, Completed last. Raises InvalidAnswer, AnswerTooLong, TimedOut, the engine's errors."""
    clock = AnswerClock()
    deadline = asyncio.get_running_loop().time() + timeout
    emitted, rejection = 0, None
    for attempt in range(MAX_ATTEMPTS):
        draft = AnswerDraft(replace(request, attempt=attempt, streamed=streamed), streamed)
        is_repeating = False
        async with (
            aclosing(engine_answer(engine, draft.request)) as chunks,
            aclosing(with_deadline(deadline, timeout, Clocked(clock, chunks))) as timed_chunks,
        ):
            async for chunk in timed_chunks:
                if isinstance(chunk, Finish) and chunk.reason == "repetition" and not (attempt or emitted):
                    is_repeating = True
                    break
                for event in draft.feed(chunk):
                    emitted += isinstance(event, TextDelta | ListItem)
                    yield event
        if is_repeating:
            continue
        try:
            answer = draft.final_answer()
        except InvalidValue as error:
            rejection = invalid_answer(draft.request, draft.text, error)
            if emitted:
                break  # pieces that were already yielded cannot be withdrawn
            continue
        model = model_of_answer(engine)
        shown = tuple(each.correction for each in request.examples if each.correction)
        id, seconds = new_id(request), clock.seconds
        probs: AnswerProbs = await asyncio.to_thread(draft.probs) if draft.tokens else {}
        yield replace(answer, id=id, model=model, usage=draft.usage, seconds=seconds, corrections=shown, probs=probs)
        return
    assert rejection is not None
    raise rejection


def engine_answer(engine: Engine, request: TaskRequest) -> AsyncGenerator[TextDelta | PartialAnswer | Finish, None]:
    """The engine's answer. Raises TypeError if it is an iterator that cannot be closed, so its work could not stop."""
    chunks = engine.answer(request)
    if not hasattr(chunks, "aclose"):
        raise TypeError(
            f"{engine.name}.answer returns a {type(chunks).__name__}: make it an async generator (async def with yield)"
        )
    return chunks


def new_id(request: TaskRequest) -> str:
    return f"{request.declaration.fingerprint}-{os.urandom(6).hex()}"


async def with_deadline(deadline: float, timeout: float, items: AsyncIterator[T]) -> AsyncGenerator[T, None]:
    """The items until the deadline. The limit covers each wait for an item, never the consumer's own work."""
    clock = asyncio.get_running_loop().time
    while True:
        limit = asyncio.timeout_at(deadline)
        try:
            async with limit:
                item = await anext(items)
        except StopAsyncIteration:
            return
        except TimeoutError:
            if not limit.expired():
                raise
            raise TimedOut(
                f"no answer within {timeout:g} seconds",
                hint="allow more time: task.using(timeout=...), or use a faster model",
            ) from None
        passed_on = clock()
        yield item
        deadline += clock() - passed_on


class AnswerDraft:
    """An answer while it is being written."""

    def __init__(self, request: TaskRequest, streamed: bool) -> None:
        self.request = request
        self.stream_type = stream_type(request) if streamed else ""
        self.item_scanner = ItemScanner()
        self.trimmer = Trimmer()
        self.parts: list[str] = []
        self.tokens: list[TokenProbs] = []
        self.usage = Usage()
        self.last_partial: Json = None

    @property
    def text(self) -> str:
        return "".join(self.parts)

    def feed(self, event: TextDelta | PartialAnswer | Finish) -> list[AnswerEvent]:
        """The newly known parts. Raises AnswerTooLong if the answer ends before it is complete."""
        if isinstance(event, Finish):
            self.usage = event.usage
            if event.reason != "stop":
                raise AnswerTooLong(
                    f"{self.request.declaration.name} did not finish its answer within "
                    f"{event.usage.answer_tokens:,} tokens",
                    answer=self.text,
                    hint="bound the answer (max_length), ask for less, or allow more (answer_tokens in plait.toml)",
                )
            return []
        if isinstance(event, PartialAnswer):
            return [event] if self.stream_type else []
        self.parts.append(event.text)
        self.tokens += event.tokens
        match self.stream_type:
            case "text":
                safe_text = self.trimmer.feed(event.text)
                return [TextDelta(safe_text)] if safe_text else []
            case "items":
                return [ListItem(self.parse_item(text)) for text in self.item_scanner.feed(event.text)]
            case "fields":
                return self.partial_answers()
            case _:  # "" and "previews": nothing is known before the end
                return []

    def parse_item(self, text: str) -> object:
        """One item of the list, validated by itself, since a yielded item cannot be withdrawn."""
        declaration = self.request.declaration
        item_type = declaration.answer.item_type
        assert item_type is not None
        try:
            return self.validate(item_type, item_annotation(declaration.answer_annotation), parse_answer(text))
        except InvalidValue as error:
            raise invalid_answer(self.request, text, error) from None

    def partial_answers(self) -> list[AnswerEvent]:
        partial = settled_json(self.text, self.request.declaration.answer)
        if partial is None or partial == self.last_partial:
            return []
        self.last_partial = partial
        return [PartialAnswer(partial)]

    def final_answer(self) -> Completed:
        """The answer, still without id, model and usage. Raises InvalidValue."""
        declaration, text = self.request.declaration, self.text
        json_value: Json = trim(text) if declaration.is_plain_text else parse_answer(text)
        value = self.validate(declaration.answer, declaration.answer_annotation, json_value)
        context = self.request.context
        answer = declaration.answer.encode(value, context.json_context)
        absent = frozenset(default_paths(declaration.answer, json_value, answer) if declaration.has_defaults else ())
        return Completed(value, answer, evidence=evidence(declaration, json_value, context), defaults=absent)

    def probs(self) -> AnswerProbs:
        """The token probabilities of the values of a valid answer: 20 ms for an invoice."""
        grammar = answer_grammar(self.request.declaration, self.request.context)
        return answer_probs(self.request.declaration, grammar, self.text, self.tokens)

    def validate(self, value_type: ValueType, annotation: object, json_value: Json) -> object:
        """The value of a JSON form, validated by its value type, then the declared annotation. Raises InvalidValue."""
        return validate(annotation, value_type.decode(json_value, self.request.context), json_value)


def stream_type(request: TaskRequest) -> Streaming | Literal[""]:
    """How the answer is streamed; "" if nothing can be shown before it is complete.

    Boxes are not streamed in the box format of a model: they are useless to a reader before conversion to pixels.
    """
    answer = request.declaration.answer
    has_model_boxes = request.context.box_format and any(value_type.needs_image for _, value_type in iter_types(answer))
    return "" if has_model_boxes and answer.streaming != "items" else answer.streaming


def parse_answer(text: str) -> Json:
    try:
        return parse_json(text)
    except ValueError as error:
        raise InvalidValue(f"is not JSON: {error}", text) from None


def item_annotation(annotation: object) -> object:
    """The item annotation of a list: `Line` for `list[Line]`, also inside `Annotated` or behind an alias."""
    if (alias := aliased_type(annotation)) is not None:
        return item_annotation(alias)
    return item_annotation(get_args(annotation)[0]) if get_origin(annotation) is Annotated else get_args(annotation)[0]


def invalid_answer(request: TaskRequest, text: str, error: InvalidValue) -> InvalidAnswer:
    name, attempts = request.declaration.name, "twice " if request.attempt else ""
    address = task_address(request.declaration)
    return InvalidAnswer(
        f"{name} answered {attempts}with an invalid {annotation_text(request.declaration.answer_annotation)}",
        answer=text,
        problems=problems_of("", error),
        hint=f"the answer is in error.answer; more shots or a larger model help (plait evaluate {address})",
    )
