"""A stop ends an answer wherever its pieces were cut, and nothing of it is told."""

import asyncio
from collections.abc import AsyncIterator

from hypothesis import example, given
from hypothesis import strategies as st

from plait.core.engine.protocol import Finish, TextDelta, Usage
from plait.core.engine.stops import until_stop

letters = st.text("ab", max_size=24)
stops = st.lists(st.text("ab", min_size=1, max_size=4), min_size=0, max_size=4)


async def pieces(texts: list[str], closed: list[bool]) -> AsyncIterator[TextDelta | Finish]:
    try:
        for text in texts:
            yield TextDelta(text)
        yield Finish(Usage(3, 5), "length")
    finally:
        closed.append(True)


def told(texts: list[str], stops: list[str]) -> tuple[list[str], Finish]:
    closed: list[bool] = []

    async def gathered() -> list[TextDelta | Finish]:
        return [each async for each in until_stop(pieces(texts, closed), stops)]

    *said, end = asyncio.run(gathered())
    assert closed == [True] and isinstance(end, Finish)
    return [piece.text for piece in said if isinstance(piece, TextDelta)], end


def before_the_first(text: str, stops: list[str]) -> str | None:
    """What stands before the stop that is whole first; None where none is there."""
    for length in range(len(text) + 1):
        met = [stop for stop in stops if text[:length].endswith(stop)]
        if met:
            return text[: length - max(map(len, met))]
    return None


@given(st.lists(letters, max_size=6), stops)
@example(["one ST", "OP two"], ["STOP"])
@example(["a", "a", "b"], ["aab"])
def test_the_answer_ends_before_the_stop_that_completes_first(texts: list[str], stops: list[str]) -> None:
    said, end = told(texts, stops)
    expected = before_the_first("".join(texts), stops)
    if expected is None:
        assert "".join(said) == "".join(texts) and end == Finish(Usage(3, 5), "length")
    else:
        assert "".join(said) == expected and end.reason == "stop"


def test_an_invalid_stop_is_refused_at_once() -> None:
    said, _ = told(["one ", "two S", "ix ", "STO"], ["STOP"])
    assert said == ["one ", "two ", "Six ", "STO"]


def test_without_stops_the_deltas_are_unchanged() -> None:
    assert told(["one", " ", "two"], []) == (["one", " ", "two"], Finish(Usage(3, 5), "length"))
