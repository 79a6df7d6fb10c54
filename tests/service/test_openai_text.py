"""What is read and taken apart, for any text in any pieces: events, wrappings, waits."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jsonschema
from hypothesis import given
from hypothesis import strategies as st
from service.peer import SSE, events

from plait.core.config import Server
from plait.core.engine.protocol import End, Piece
from plait.core.errors import EngineError, words
from plait.core.grammar.ast import Choice, Literal, Repeat, Sequence, Text, Whole
from plait.core.values.json_text import dumps
from plait.service.engines.openai.json_wrapping import unwrapped
from plait.service.engines.openai.refusals import error_of, refusal
from plait.service.engines.openai.request import WRAP, Form, forms, response_format
from plait.service.engines.openai.retries import wait_asked_for
from plait.service.engines.openai.stream import Stream

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
spaces = st.text(" \n\t", max_size=3)
places = st.lists(st.integers(0, 4000), max_size=12)


def pieces_of(whole: Any, places: list[int]) -> list[Any]:
    """A text or bytes, cut at these places."""
    ends = sorted({place % (len(whole) + 1) for place in places} | {len(whole)})
    return [whole[start:end] for start, end in zip([0, *ends], ends, strict=False)]


class Chunks(httpx.AsyncByteStream):
    def __init__(self, parts: list[bytes]) -> None:
        self.parts = parts

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for part in self.parts:
            yield part


@given(texts, places, st.integers(1, 9))
def test_a_stream_is_read_alike_however_its_bytes_arrive(text: str, places: list[int], piece: int) -> None:
    """Characters of several bytes, line ends and events are cut anywhere; U+2028 and its like end no line."""
    sent = b"".join(events(text, piece=piece))

    async def read() -> tuple[str, Any]:
        response = httpx.Response(200, headers={"content-type": SSE}, stream=Chunks(pieces_of(sent, places)))
        told = [each async for each in Stream(response, "x", Server("http://x"), 1000).events()]
        return "".join(each.text for each in told[:-1] if isinstance(each, Piece)), told[-1]

    heard, end = asyncio.run(read())
    assert heard == text and isinstance(end, End) and end.whole and end.usage.answer_tokens == 9


json_lines = values.map(lambda value: b"data: " + json.dumps(value).encode())
chunk_lines = st.fixed_dictionaries(
    {},
    optional={
        "choices": st.lists(st.fixed_dictionaries({}, optional={"delta": values, "finish_reason": values}), max_size=2),
        "usage": values,
        "model": values,
        "error": values,
    },
).map(lambda told: b"data: " + json.dumps(told).encode())


@given(st.lists(st.binary(max_size=40) | json_lines | chunk_lines | st.just(b"data: [DONE]"), max_size=6), places)
def test_whatever_bytes_are_streamed_they_are_pieces_or_an_engines_error(told: list[bytes], places: list[int]) -> None:
    sent = b"\n\n".join(told)

    async def read() -> list[Piece | End]:
        response = httpx.Response(200, headers={"content-type": SSE}, stream=Chunks(pieces_of(sent, places)))
        return [each async for each in Stream(response, "x", Server("http://x"), 1000).events()]

    try:
        heard = asyncio.run(read())
    except EngineError as error:
        assert error.message.isprintable() and error.way_out and len(error.message) < 500
    else:
        assert isinstance(heard[-1], End) and all(isinstance(each, Piece) for each in heard[:-1])


@given(
    st.integers(100, 599).filter(lambda status: status not in (200, 404)),
    st.binary(max_size=300) | values.map(lambda value: json.dumps({"error": value}).encode()) | json_lines,
)
def test_whatever_a_server_refuses_with_is_one_printable_error(status: int, content: bytes) -> None:
    key = "sk-1"
    error = error_of(refusal(status, content + key.encode(), Server("http://x", key=key)), "x", Server("http://x"))
    assert error.message.isprintable() and key not in words(error) and error.way_out and len(error.message) < 500


def taken_apart(text: str, places: list[int], form: Form) -> str:
    async def told() -> AsyncIterator[Piece | End]:
        for piece in pieces_of(text, places):
            yield Piece(piece)
        yield End()

    async def gathered() -> str:
        return "".join([each.text async for each in unwrapped(told(), form) if isinstance(each, Piece)])

    return asyncio.run(gathered())


@given(values, spaces, spaces, places)
def test_what_is_wrapped_comes_out_as_it_was(value: Any, before: str, after: str, places: list[int]) -> None:
    inner = json.dumps(value, ensure_ascii=False)
    text = f'{before}{{{after}"{WRAP}"{before}:{after}{inner}{before}}}{after}'
    assert json.loads(taken_apart(text, places, Form.WRAPPED)) == value


@given(values, spaces, spaces, places, st.sampled_from(["", "json", "JSON"]))
def test_what_stands_in_one_fence_comes_out_as_it_was(
    value: Any, before: str, after: str, places: list[int], tag: str
) -> None:
    text = f"{before}```{tag}\n{json.dumps(value, ensure_ascii=False)}{after}```{after}"
    assert json.loads(taken_apart(text, places, Form.WORDS)) == value


@given(values, places)
def test_a_fence_around_an_object_around_an_answer(value: Any, places: list[int]) -> None:
    text = f"```json\n{json.dumps({WRAP: value})}\n```"
    assert json.loads(taken_apart(text, places, Form.WRAPPED)) == value


@given(texts | values.map(dumps), places, st.sampled_from([Form.SCHEMA, Form.OBJECT, Form.WORDS]))
def test_what_is_neither_stays_letter_for_letter(text: str, places: list[int], form: Form) -> None:
    if not text.strip().startswith("```"):
        assert taken_apart(text, places, form) == text


@given(values.filter(lambda value: not (isinstance(value, dict) and next(iter(value), "") == WRAP)), places)
def test_an_answer_that_was_not_wrapped_stays_as_it_is(value: Any, places: list[int]) -> None:
    assert json.loads(taken_apart(json.dumps(value), places, Form.WRAPPED)) == value


@given(texts)
def test_any_retry_after_is_a_wait_or_none(text: str) -> None:
    response = httpx.Response(429, headers=[(b"retry-after", text.encode())])
    wait = wait_asked_for(response)
    assert wait is None or wait >= 0


def test_each_form_holds_what_the_grammar_holds() -> None:
    record = Sequence((("name", Text(1, 5)),))
    for grammar, right, wrong in (
        (Repeat(Whole(0, 9), 1, 2), [1, 2], []),
        (Choice((Literal(None), record)), None, {"name": ""}),
        (record, {"name": "a"}, {"name": "a", "more": 1}),
    ):
        for form in forms(grammar):
            if form not in (Form.SCHEMA, Form.WRAPPED):
                continue
            schema = response_format(grammar, form)["json_schema"]["schema"]  # type: ignore[index,call-overload]
            inside = (lambda value: {WRAP: value}) if form is Form.WRAPPED else (lambda value: value)
            checks = jsonschema.Draft202012Validator(schema)
            assert checks.is_valid(inside(right)) and not checks.is_valid(inside(wrong)), (grammar, form)
    assert forms(record) == (Form.SCHEMA, Form.OBJECT, Form.WORDS)
    assert forms(Choice((record, record)))[1:] == (Form.WRAPPED, Form.OBJECT, Form.WORDS)
    assert forms(Repeat(record, 0, 1))[1:] == (Form.WRAPPED, Form.WORDS)
