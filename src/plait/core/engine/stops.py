"""Texts that end an answer and are no part of it, cut off whatever engine writes and however it cuts its pieces."""

from collections.abc import AsyncIterator, Sequence

from plait.core.calls.event_loop import closing
from plait.core.engine.protocol import End, Piece, Usage


class Stops:
    """Fed an answer piece by piece, gives out what is surely before the first of `texts`; `found` once one was met."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.held = ""
        self.found = False

    def feed(self, text: str) -> str:
        known = self.held + text
        # The stop that is whole first; so it does not matter how the text was cut into pieces.
        met = [(place + len(stop), place) for stop in self.texts if (place := known.find(stop)) >= 0]
        if met:
            self.found, self.held = True, ""
            return known[: min(met)[1]]
        sure = len(known) - max((begun(known, stop) for stop in self.texts), default=0)
        self.held = known[sure:]
        return known[:sure]


def begun(text: str, stop: str) -> int:
    """How many characters at the end of the text may be the beginning of the stop."""
    longest = min(len(text), len(stop) - 1)
    return next((length for length in range(longest, 0, -1) if text.endswith(stop[:length])), 0)


async def until_stop(pieces: AsyncIterator[Piece | End], texts: Sequence[str]) -> AsyncIterator[Piece | End]:
    """The pieces up to the first stop. An engine that writes on is left, and its tokens are counted by its pieces."""
    stops, count = Stops(texts), 0
    async with closing(pieces):
        async for piece in pieces:
            if isinstance(piece, End):
                if stops.held:
                    yield Piece(stops.held)
                yield piece
                return
            count += 1
            if sure := stops.feed(piece.text):
                yield Piece(sure)
            if stops.found:
                yield End(Usage(answer_tokens=count))
                return
