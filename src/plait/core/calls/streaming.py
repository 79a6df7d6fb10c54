"""The values that a stream yields: pieces of a text, items of a list, a record that grows."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing
from typing import Any, Generic, TypeVar, cast

from plait.core.calls.transport import Call
from plait.core.deprecation import renamed_property
from plait.core.engine.envelope import DetailedAnswer, detailed_answer
from plait.core.engine.protocol import PartialAnswer, TextDelta
from plait.core.engine.validation import AnswerEvent, Completed, ListItem
from plait.core.errors import Incomplete

R = TypeVar("R")


class StreamedAnswer(Generic[R]):
    """An answer while it is being written.

    `partial` is the known part in JSON form (for an image, a data URL that `Image` accepts); `final` is the complete
    answer, `detailed` the same with its evidence, id and model.
    """

    def __init__(
        self,
        partial: Mapping[str, Any],
        final: R | None = None,
        *,
        done: bool = False,
        detailed: "DetailedAnswer[R] | None" = None,
    ) -> None:
        self.partial = partial
        self.done = done
        self._final = final
        self._detailed = detailed

    @property
    def final(self) -> R:
        """The complete answer. Raises Incomplete while it is still being written."""
        if not self.done:
            raise Incomplete("the answer is still being written", hint="read .partial, or .final after the loop")
        return cast(R, self._final)

    @property
    def detailed(self) -> "DetailedAnswer[R]":
        """The complete answer with its details. Raises Incomplete while it is still being written."""
        if self._detailed is None:
            raise Incomplete("the answer is still being written", hint="read .detailed after the loop")
        return self._detailed

    so_far = renamed_property("so_far", "partial")
    whole = renamed_property("whole", "final")

    def __repr__(self) -> str:
        return f"StreamedAnswer({self._final!r})" if self.done else f"StreamedAnswer(partial={self.partial!r})"


async def stream_items(events: AsyncGenerator[AnswerEvent, None], call: Call) -> AsyncGenerator[Any, None]:
    """The values that `.stream` yields for the events of a call, by the type of its answer: text, list, or another."""
    async with aclosing(events) as open_events:
        async for event in open_events:
            match event:
                case TextDelta(text):
                    yield text
                case ListItem(value):
                    yield value
                case PartialAnswer(json_value):
                    yield StreamedAnswer(cast("Mapping[str, Any]", json_value))
                case Completed():
                    if call.declaration.answer.name not in ("text", "list"):
                        partial = cast("Mapping[str, Any]", event.json_value)
                        detailed = detailed_answer(event, call.declaration, call.inputs)
                        yield StreamedAnswer(partial, event.value, done=True, detailed=detailed)
