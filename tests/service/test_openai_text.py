"""Parsing of events, fences, wrappers and Retry-After, for any text in any chunking."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import httpx
import jsonschema
from hypothesis import given
from hypothesis import strategies as st

from plait.core.engine.protocol import Finish, TextDelta
from plait.core.errors import EngineError, error_text
from plait.core.grammar.ast import Array, Choice, Integer, Literal, Object, Text
from plait.core.values.json_text import dumps
from plait.service.engines.openai.config import Config
from plait.service.engines.openai.reasoning import ReasoningUnwrapper
from plait.service.engines.openai.refusals import parse_refusal, to_error
from plait.service.engines.openai.request import WRAPPER_FIELD, StructuredOutputMode, output_modes, response_format
from plait.service.engines.openai.retries import parse_retry_after
from plait.service.engines.openai.stream import CompletionStream
from plait.service.engines.openai.unwrapping import unwrap
from tests.support.openai_peer import SSE, events

texts = st.text(st.characters(codec="utf-8", exclude_categories=["Cs"]), max_size=60)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
spaces = st.text(" \n\t", max_size=3)
places = st.lists(st.integers(0, 4000), max_size=12)


def split_bytes(whole: Any, places: list[int]) -> list[Any]:
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
def test_a_stream_is_decoded_equally_for_any_chunking(text: str, places: list[int], piece: int) -> None:
    """Characters of several bytes, line ends and events are cut anywhere; U+2028 and its like end no line."""
    sent = b"".join(events(text, piece=piece))

    async def read() -> tuple[str, Any]:
        response = httpx.Response(200, headers={"content-type": SSE}, stream=Chunks(split_bytes(sent, places)))
        received = [each async for each in CompletionStream(response, "x", Config(url="http://x"), 1000).events()]
        return "".join(each.text for each in received[:-1] if isinstance(each, TextDelta)), received[-1]

    texts_received, end = asyncio.run(read())
    assert texts_received == text and isinstance(end, Finish) and end.reason == "stop" and end.usage.answer_tokens == 9


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
def test_any_streamed_bytes_give_deltas_or_an_engine_error(chunks: list[bytes], places: list[int]) -> None:
    sent = b"\n\n".join(chunks)

    async def read() -> list[TextDelta | Finish]:
        response = httpx.Response(200, headers={"content-type": SSE}, stream=Chunks(split_bytes(sent, places)))
        return [each async for each in CompletionStream(response, "x", Config(url="http://x"), 1000).events()]

    try:
        received = asyncio.run(read())
    except EngineError as error:
        assert error.message.isprintable() and error.hint and len(error.message) < 500
    else:
        assert isinstance(received[-1], Finish) and all(isinstance(each, TextDelta) for each in received[:-1])


@given(
    st.integers(100, 599).filter(lambda status: status not in (200, 404)),
    st.binary(max_size=300) | values.map(lambda value: json.dumps({"error": value}).encode()) | json_lines,
)
def test_any_refusal_of_a_server_is_one_printable_error(status: int, content: bytes) -> None:
    key = "sk-1"
    error = to_error(
        parse_refusal(status, content + key.encode(), Config(url="http://x", key=key)), "x", Config(url="http://x")
    )
    assert error.message.isprintable() and key not in error_text(error) and error.hint and len(error.message) < 500


def unwrap_stream(text: str, places: list[int], form: StructuredOutputMode, *, is_typed: bool = True) -> str:
    async def events() -> AsyncIterator[TextDelta | Finish]:
        for piece in split_bytes(text, places):
            yield TextDelta(piece)
        yield Finish()

    async def collect() -> str:
        received = unwrap(events(), form, is_typed=is_typed)
        return "".join([each.text async for each in received if isinstance(each, TextDelta)])

    return asyncio.run(collect())


@given(values, spaces, spaces, places)
def test_wrapping_and_unwrapping_is_lossless(value: Any, before: str, after: str, places: list[int]) -> None:
    inner = json.dumps(value, ensure_ascii=False)
    text = f'{before}{{{after}"{WRAPPER_FIELD}"{before}:{after}{inner}{before}}}{after}'
    assert json.loads(unwrap_stream(text, places, StructuredOutputMode.WRAPPED)) == value


@given(texts, texts, st.sampled_from(["<think>", "\n<think>\n"]), st.sampled_from(["", "\n\n"]), places)
def test_reasoning_before_a_text_is_removed(
    thought: str, answer: str, opening: str, gap: str, places: list[int]
) -> None:
    answer = answer.lstrip("\r\n")
    text = f"{opening}{thought.replace('</think>', '')}</think>{gap}{answer}"
    assert unwrap_stream(text, places, StructuredOutputMode.PROMPT_ONLY, is_typed=False) == answer


@given(texts, values, st.sampled_from(["<think>", "\n<think>", "Okay, "]), st.booleans(), places)
def test_reasoning_before_json_is_removed(
    thought: str, value: Any, opening: str, fenced: bool, places: list[int]
) -> None:
    inner = json.dumps(value)
    inner = f"```json\n{inner}\n```" if fenced else inner
    text = f"{opening}{thought.replace('</think>', '')}</think>\n\n{inner}"
    assert json.loads(unwrap_stream(text, places, StructuredOutputMode.PROMPT_ONLY)) == value


@given(texts, places)
def test_reasoning_that_does_not_end_and_tags_inside_a_text_are_unchanged(text: str, places: list[int]) -> None:
    for whole in (f"<think>{text}".replace("</think>", ""), f"a{text}</think> <think>b</think>"):
        assert unwrap_stream(whole, places, StructuredOutputMode.PROMPT_ONLY, is_typed=False) == whole


def test_a_text_streams_on_from_its_first_character_that_is_no_tag() -> None:
    unwrapper = ReasoningUnwrapper(is_json=False)
    fed = [unwrapper.feed(each) for each in (" ", "<thi", "nk>hm</think>", "\n", "\n", " a", "\n", "b")]
    assert fed == ["", "", "", "", "", " a", "\n", "b"]
    assert ReasoningUnwrapper(is_json=False).feed(" <b") == " <b"


@given(values, spaces, spaces, places, st.sampled_from(["", "json", "JSON"]))
def test_a_fenced_answer_is_extracted_unchanged(
    value: Any, before: str, after: str, places: list[int], tag: str
) -> None:
    text = f"{before}```{tag}\n{json.dumps(value, ensure_ascii=False)}{after}```{after}"
    assert json.loads(unwrap_stream(text, places, StructuredOutputMode.PROMPT_ONLY)) == value


@given(values, places)
def test_a_fenced_and_wrapped_answer_is_extracted(value: Any, places: list[int]) -> None:
    text = f"```json\n{json.dumps({WRAPPER_FIELD: value})}\n```"
    assert json.loads(unwrap_stream(text, places, StructuredOutputMode.WRAPPED)) == value


@given(
    texts | values.map(dumps),
    places,
    st.sampled_from([StructuredOutputMode.SCHEMA, StructuredOutputMode.OBJECT, StructuredOutputMode.PROMPT_ONLY]),
)
def test_text_without_fence_or_wrapper_is_unchanged(text: str, places: list[int], form: StructuredOutputMode) -> None:
    if not text.strip().startswith("```"):
        assert unwrap_stream(text, places, form) == text


@given(values.filter(lambda value: not (isinstance(value, dict) and next(iter(value), "") == WRAPPER_FIELD)), places)
def test_an_answer_that_was_not_wrapped_is_unchanged(value: Any, places: list[int]) -> None:
    assert json.loads(unwrap_stream(json.dumps(value), places, StructuredOutputMode.WRAPPED)) == value


@given(texts)
def test_any_retry_after_header_is_a_delay_or_none(text: str) -> None:
    response = httpx.Response(429, headers=[(b"retry-after", text.encode())])
    wait = parse_retry_after(response)
    assert wait is None or wait >= 0


def test_each_response_format_admits_what_the_grammar_admits() -> None:
    record = Object((("name", Text(1, 5)),))
    for grammar, right, wrong in (
        (Array(Integer(0, 9), 1, 2), [1, 2], []),
        (Choice((Literal(None), record)), None, {"name": ""}),
        (record, {"name": "a"}, {"name": "a", "more": 1}),
    ):
        for form in output_modes(grammar):
            if form not in (StructuredOutputMode.SCHEMA, StructuredOutputMode.WRAPPED):
                continue
            schema = response_format(grammar, form)["json_schema"]["schema"]  # type: ignore[index,call-overload]
            inside = (
                (lambda value: {WRAPPER_FIELD: value})
                if form is StructuredOutputMode.WRAPPED
                else (lambda value: value)
            )
            checks = jsonschema.Draft202012Validator(schema)
            assert checks.is_valid(inside(right)) and not checks.is_valid(inside(wrong)), (grammar, form)
    assert output_modes(record) == (
        StructuredOutputMode.SCHEMA,
        StructuredOutputMode.OBJECT,
        StructuredOutputMode.PROMPT_ONLY,
    )
    assert output_modes(Choice((record, record)))[1:] == (
        StructuredOutputMode.WRAPPED,
        StructuredOutputMode.OBJECT,
        StructuredOutputMode.PROMPT_ONLY,
    )
    assert output_modes(Array(record, 0, 1))[1:] == (StructuredOutputMode.WRAPPED, StructuredOutputMode.PROMPT_ONLY)
