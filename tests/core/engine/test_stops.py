"""A stop sequence ends an answer for any chunking, and no part of it is returned."""

import asyncio
from collections.abc import AsyncIterator

from hypothesis import example, given
from hypothesis import strategies as st

from plait.core.engine.protocol import Finish, TextDelta, Usage
from plait.core.engine.stops import until_stop

letters = st.text("ab", max_size=24)
stops = st.lists(st.text("ab", min_size=1, max_size=4), min_size=0, max_size=4)


async def text_stream(texts: list[str], closed: list[bool]) -> AsyncIterator[TextDelta | Finish]:
    try:
        for text in texts:
            yield TextDelta(text)
        yield Finish(Usage(3, 5), "length")
    finally:
        closed.append(True)


def stopped_deltas(texts: list[str], stops: list[str]) -> tuple[list[str], Finish]:
    closed: list[bool] = []

    async def collect() -> list[TextDelta | Finish]:
        return [each async for each in until_stop(text_stream(texts, closed), stops)]

    *deltas, end = asyncio.run(collect())
    assert closed == [True] and isinstance(end, Finish)
    return [piece.text for piece in deltas if isinstance(piece, TextDelta)], end


def text_before_first_stop(text: str, stops: list[str]) -> str | None:
    """The text before the stop that completes first; None without one."""
    for length in range(len(text) + 1):
        met = [stop for stop in stops if text[:length].endswith(stop)]
        if met:
            return text[: length - max(map(len, met))]
    return None


@given(st.lists(letters, max_size=6), stops)
@example(["one ST", "OP two"], ["STOP"])
@example(["a", "a", "b"], ["aab"])
def test_the_answer_ends_before_the_stop_that_completes_first(texts: list[str], stops: list[str]) -> None:
    deltas, end = stopped_deltas(texts, stops)
    expected = text_before_first_stop("".join(texts), stops)
    if expected is None:
        assert "".join(deltas) == "".join(texts) and end == Finish(Usage(3, 5), "length")
    else:
        assert "".join(deltas) == expected and end.reason == "stop"


def test_an_invalid_stop_is_refused_at_once() -> None:
    deltas, _ = stopped_deltas(["one ", "two S", "ix ", "STO"], ["STOP"])
    assert deltas == ["one ", "two ", "Six ", "STO"]


def test_without_stops_the_deltas_are_unchanged() -> None:
    assert stopped_deltas(["one", " ", "two"], []) == (["one", " ", "two"], Finish(Usage(3, 5), "length"))
