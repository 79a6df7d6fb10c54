"""Stop texts, which end an answer and are not part of it: cut off for every engine, across piece boundaries."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing

from plait.core.engine.protocol import Finish, TextDelta, Usage


class StopScanner:
    """Emits the part of an answer before the first stop of `texts`, piece by piece. `found` is True after a stop."""

    def __init__(self, texts: Sequence[str]) -> None:
        self.texts = texts
        self.pending = ""
        self.stopped = False

    def feed(self, text: str) -> str:
        unsent = self.pending + text
        # The stop that completes first wins, so the result does not depend on how the text was split into pieces.
        matches = [(start + len(stop), start) for stop in self.texts if (start := unsent.find(stop)) >= 0]
        if matches:
            self.stopped, self.pending = True, ""
            return unsent[: min(matches)[1]]
        safe_length = len(unsent) - max((partial_match_length(unsent, stop) for stop in self.texts), default=0)
        self.pending = unsent[safe_length:]
        return unsent[:safe_length]


def partial_match_length(text: str, stop: str) -> int:
    """Number of characters at the end of the text that may be the beginning of the stop."""
    longest = min(len(text), len(stop) - 1)
    return next((length for length in range(longest, 0, -1) if text.endswith(stop[:length])), 0)


async def until_stop(
    deltas: AsyncGenerator[TextDelta | Finish, None], texts: Sequence[str]
) -> AsyncGenerator[TextDelta | Finish, None]:
    """The pieces up to the first stop. An engine that continues is closed; its tokens are then counted as pieces."""
    scanner, count = StopScanner(texts), 0
    async with aclosing(deltas):
        async for event in deltas:
            if isinstance(event, Finish):
                if scanner.pending:
                    yield TextDelta(scanner.pending)
                yield event
                return
            count += 1
            if text := scanner.feed(event.text):
                yield TextDelta(text)
            if scanner.stopped:
                yield Finish(Usage(answer_tokens=count))
                return
