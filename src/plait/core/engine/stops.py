"""Texts that end an answer and are no part of it, cut off whatever engine writes and however it cuts its pieces."""

from collections.abc import AsyncIterator, Sequence

from plait.core.calls.event_loop import closing
from plait.core.engine.protocol import Finish, TextDelta, Usage


class StopScanner:
    """Fed an answer piece by piece, gives out what is surely before the first of `texts`; `found` once one was met."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.pending = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        known = self.pending + text
        # The stop that is whole first; so it does not matter how the text was cut into pieces.
        met = [(place + len(stop), place) for stop in self.texts if (place := known.find(stop)) >= 0]
        if met:
            self.stopped, self.pending = True, ""
            return known[: min(met)[1]]
        sure = len(known) - max((partial_match_length(known, stop) for stop in self.texts), default=0)
        self.pending = known[sure:]
        return known[:sure]


def partial_match_length(text: str, stop: str) -> int:
    """How many characters at the end of the text may be the beginning of the stop."""
    longest = min(len(text), len(stop) - 1)
    return next((length for length in range(longest, 0, -1) if text.endswith(stop[:length])), 0)


async def until_stop(
    deltas: AsyncIterator[TextDelta | Finish], texts: Sequence[str]
) -> AsyncIterator[TextDelta | Finish]:
    """The pieces up to the first stop. An engine that writes on is left, and its tokens are counted by its pieces."""
    stops, count = StopScanner(texts), 0
    async with closing(deltas):
        async for piece in deltas:
            if isinstance(piece, Finish):
                if stops.pending:
                    yield TextDelta(stops.pending)
                yield piece
                return
            count += 1
            if sure := stops.feed(piece.text):
                yield TextDelta(sure)
            if stops.stopped:
                yield Finish(Usage(answer_tokens=count))
                return
