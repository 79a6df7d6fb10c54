"""What a stream hands out: pieces of a text, items of a list, a record that grows."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Generic, TypeVar, cast

from plait.core.calls.event_loop import closing
from plait.core.engine.protocol import Piece
from plait.core.engine.validation import Answered, Event, Item, SoFar
from plait.core.errors import NotWhole

R = TypeVar("R")


class Growing(Generic[R]):
    """An answer on its way: `so_far` is what is known of it, in wire form (of a picture its data URL, which `Image`
    takes); `whole` the answer, once there.
    """

    def __init__(self, so_far: Mapping[str, Any], whole: R | None = None, *, done: bool = False) -> None:
        self.so_far = so_far
        self.done = done
        self._whole = whole

    @property
    def whole(self) -> R:
        """The whole answer. Raises NotWhole while it still grows."""
        if not self.done:
            raise NotWhole("the answer is still growing", way_out="read .so_far, or .whole after the loop")
        return cast(R, self._whole)

    def __repr__(self) -> str:
        return f"Growing({self._whole!r})" if self.done else f"Growing(so_far={self.so_far!r})"


async def handed_out(events: AsyncIterator[Event], form: str) -> AsyncIterator[Any]:
    """What a caller of `.stream` sees of the events, by the form of the answer: text, list, or anything else."""
    async with closing(events) as open_events:
        async for event in open_events:
            match event:
                case Piece(text):
                    yield text
                case Item(value):
                    yield value
                case SoFar(wire):
                    yield Growing(cast("Mapping[str, Any]", wire))
                case Answered(value=value, wire=wire) if form not in ("text", "list"):
                    yield Growing(cast("Mapping[str, Any]", wire), value, done=True)
                case Answered():
                    pass
