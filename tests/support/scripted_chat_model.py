"""A chat model with a fixed text, which records its requests."""

import asyncio
from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

from plait.core.engine.chat import Sampling
from plait.core.engine.protocol import Finish, FinishReason, TextDelta, Usage
from plait.core.errors import PlaitError
from plait.core.grammar.ast import Grammar
from plait.core.prompting.prompt import Message, Prompt

# One pixel, as PNG.
SMALLEST = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6364f8cf500f00038601805a347d6b0000000049454e44ae426082"
)


@dataclass
class ScriptedChatModel:
    """A ChatModel and CompletionModel. `before` are seconds to the first piece, `breaks` is raised in mid-answer."""

    text: str = "one two three four five six seven eight nine ten"
    size: int = 5
    pause: float = 0.0
    before: float = 0.0
    finish_reason: FinishReason = "stop"
    refuses: PlaitError | None = None
    breaks: PlaitError | None = None
    name: str = "talker"
    digest: str = "abc"
    accepts: frozenset[str] = frozenset()
    box_format: str = ""
    prompts: list[tuple[Message, ...]] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)
    samplings: list[Sampling] = field(default_factory=list)
    grammars: list[Grammar | None] = field(default_factory=list)
    working: int = 0
    stopped: list[str] = field(default_factory=list)

    async def chat(
        self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling
    ) -> AsyncGenerator[TextDelta | Finish, None]:
        self.prompts.append(prompt.messages)
        self.grammars.append(grammar)
        async for piece in self.says(sampling):
            yield piece

    async def complete(self, text: str, sampling: Sampling) -> AsyncGenerator[TextDelta | Finish, None]:
        self.raw.append(text)
        async for piece in self.says(sampling):
            yield piece

    async def says(self, sampling: Sampling) -> AsyncGenerator[TextDelta | Finish, None]:
        self.samplings.append(sampling)
        self.working += 1
        how = "left"
        try:
            await asyncio.sleep(self.before)
            if self.refuses:
                raise self.refuses
            for start in range(0, len(self.text), self.size):
                if self.breaks and start > len(self.text) // 2:
                    how = "broke"
                    raise self.breaks
                yield TextDelta(self.text[start : start + self.size])
                await asyncio.sleep(self.pause)
            how = "done"
            yield Finish(Usage(7, 11), self.finish_reason)
        finally:
            self.working -= 1
            self.stopped.append(how)

    async def aclose(self) -> None: ...


class ChatOnlyModel(ScriptedChatModel):
    complete = None  # type: ignore[assignment]
