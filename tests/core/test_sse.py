"""Server-sent events: what is written is read again, however its bytes arrive, and within bounds."""

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plait.core.sse import ServerSentEvent, StreamTooLarge, encode_event, iter_events, iter_fields
from plait.core.values.json_text import parse_json

texts = st.text(st.characters(exclude_categories=("Cs",)) | st.sampled_from("\r\n\u2028\u2029\x85: "), max_size=20)
payloads = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=8,
)
names = st.sampled_from(["", "piece", "answer", "error"])
cuts = st.lists(st.integers(0, 400), max_size=12)


def split(content: bytes, places: list[int]) -> list[bytes]:
    edges = [0, *sorted(place for place in places if place < len(content)), len(content)]
    return [content[start:end] for start, end in pairwise(edges)]


async def stream(chunks: list[bytes]) -> AsyncIterator[bytes]:
    for chunk in chunks:
        yield chunk


def read(chunks: list[bytes], max_bytes: int = 10_000) -> list[ServerSentEvent]:
    async def collect() -> list[ServerSentEvent]:
        return [event async for event in iter_events(stream(chunks), max_bytes=max_bytes)]

    return asyncio.run(collect())


@given(st.lists(st.tuples(names, payloads), max_size=5), cuts, st.sampled_from([b"\n", b"\r\n", b"\r"]))
def test_encoded_events_are_decoded_for_any_chunking(
    sent: list[tuple[str, object]], places: list[int], line_end: bytes
) -> None:
    content = b"".join(encode_event(payload, name) for name, payload in sent).replace(b"\n", line_end)
    events = read(split(content, places))
    assert [(event.name, parse_json(event.data)) for event in events] == [
        (name or "message", payload) for name, payload in sent
    ]


@given(st.binary(max_size=200), cuts)
def test_any_bytes_are_decoded_equally_for_any_chunking(content: bytes, places: list[int]) -> None:
    assert read(split(content, places)) == read([content])


@given(st.integers(1, 200), st.integers(1, 200), cuts)
def test_a_line_above_the_bound_is_refused_and_one_within_it_is_read(
    length: int, bound: int, places: list[int]
) -> None:
    chunks = split(b"data:" + b"x" * length + b"\n\n", places)
    if length + len("data:") <= bound:
        assert [len(event.data) for event in read(chunks, bound)] == [length]
    else:
        with pytest.raises(StreamTooLarge, match=rf"^a line of more than {bound} bytes$"):
            read(chunks, bound)


def test_a_line_without_end_is_refused_as_soon_as_it_is_too_long() -> None:
    sizes: list[int] = []

    async def endless() -> AsyncIterator[bytes]:
        while True:
            sizes.append(1)
            yield b"x" * 100

    async def collect() -> None:
        async for _ in iter_events(endless(), max_bytes=1000):
            raise AssertionError("no event is complete")

    with pytest.raises(StreamTooLarge, match="a line of more than 1,000 bytes"):
        asyncio.run(collect())
    assert len(sizes) == 11


def test_many_short_data_lines_are_refused_once_their_event_is_too_long() -> None:
    lines = [b"data: 0123456789\n"] * 20
    assert len(read([*lines, b"\n"], 219)[0].data) == 219
    with pytest.raises(StreamTooLarge, match="an event of more than 218 bytes"):
        read([*lines, b"\n"], 218)


def test_a_stream_above_its_bound_is_refused() -> None:
    async def collect(bound: int) -> int:
        return len([1 async for _ in iter_fields(stream([b"a: b\n"] * 10), max_stream_bytes=bound)])

    assert asyncio.run(collect(50)) == 10
    with pytest.raises(StreamTooLarge, match="a stream of more than 49 bytes"):
        asyncio.run(collect(49))


@pytest.mark.parametrize(
    ("content", "events"),
    [
        (b"data: a\ndata: b\n\n", [ServerSentEvent("message", b"a\nb")]),
        (b"data:a\n\ndata:  b\n\n", [ServerSentEvent("message", b"a"), ServerSentEvent("message", b" b")]),
        (b": comment\n\nevent: x\n\ndata: 1\n\n", [ServerSentEvent("message", b"1")]),
        (b"id: 7\nretry: 1\nevent: x\ndata\n\n", [ServerSentEvent("x", b"")]),
        (b"\xef\xbb\xbfdata: 1\n\n", [ServerSentEvent("message", b"1")]),
        (b"data: cut off", []),
    ],
    ids=["two data lines", "one space is optional", "comments, no data", "other fields", "byte order mark", "cut off"],
)
def test_decoding_follows_the_standard(content: bytes, events: list[ServerSentEvent]) -> None:
    assert read([content]) == events


def test_a_reader_by_splitlines_would_fail_these_tests() -> None:
    """The control: U+2028 stays inside a line here, and ends one there."""
    content = encode_event("a\u2028b")
    assert parse_json(read([content])[0].data) == "a\u2028b"
    assert len(content.decode().splitlines()) == 3
