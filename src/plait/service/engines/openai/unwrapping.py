"""The answer alone, out of the text that a server writes: without reasoning, wrapper object and code fence."""

from collections.abc import AsyncGenerator
from contextlib import aclosing

from plait.core.engine.protocol import Finish, TextDelta
from plait.service.engines.openai.json_wrapping import FenceUnwrapper, ObjectUnwrapper, Unwrapper
from plait.service.engines.openai.reasoning import ReasoningUnwrapper
from plait.service.engines.openai.request import StructuredOutputMode


class UnwrapperChain:
    """Applies several unwrappers in order."""

    def __init__(self, *steps: Unwrapper) -> None:
        self.steps = steps

    def feed(self, text: str) -> str:
        for step in self.steps:
            text = step.feed(text)
        return text

    def flush(self) -> str:
        text = ""
        for step in self.steps:
            text = step.feed(text) + step.flush()
        return text


async def unwrap(
    deltas: AsyncGenerator[TextDelta | Finish, None], mode: StructuredOutputMode, *, is_typed: bool = True
) -> AsyncGenerator[TextDelta | Finish, None]:
    """The text deltas of an answer. An answer that is not `is_typed` is text, in which a fence or an object may stand.

    Reasoning is removed where the words of the prompt alone ask for the answer: a server that enforces a schema writes
    none.
    """
    steps: list[Unwrapper] = []
    if mode is StructuredOutputMode.PROMPT_ONLY:
        steps.append(ReasoningUnwrapper(is_json=is_typed))
    if is_typed:
        steps.append(FenceUnwrapper())
    if mode is StructuredOutputMode.WRAPPED:
        steps.append(ObjectUnwrapper())
    unwrapper = UnwrapperChain(*steps)
    async with aclosing(deltas) as events:
        async for event in events:
            is_text = isinstance(event, TextDelta)
            delta = TextDelta(unwrapper.feed(event.text), event.tokens) if is_text else TextDelta(unwrapper.flush())
            if delta.text or delta.tokens:
                yield delta
            if not is_text:
                yield event
