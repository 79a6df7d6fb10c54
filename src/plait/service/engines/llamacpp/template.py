"""A conversation as tokens. Control tokens come from the model's template alone; in anyone's words they are text.

The template is rendered by the engine's process around place-holders. Its own parts are read with control tokens, what
people said without: `<|im_end|>` inside a user's text becomes seven ordinary tokens and ends nothing.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from plait.core.prompting.prompt import Prompt

Post = Callable[[str, dict[str, Any]], Awaitable[Any]]
KEPT = 512  # texts whose tokens are remembered: the examples of a prompt are the same from call to call


class Tokens:
    """Reads conversations as tokens through `post`, and remembers what comes again."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.known: OrderedDict[tuple[str, bool], list[int]] = OrderedDict()
        self.frames: dict[tuple[str, ...], list[str]] = {}

    async def of(self, prompt: Prompt) -> list[int]:
        frame = await self.frame(tuple(message.role for message in prompt.messages))
        tokens = await self.of_text(frame[0], control=True)
        for message, after in zip(prompt.messages, frame[1:], strict=True):
            tokens = [
                *tokens,
                *await self.of_text(message.content, control=False),
                *await self.of_text(after, control=True),
            ]
        return tokens

    async def of_raw(self, text: str) -> list[int]:
        """A text that is a whole prompt by itself: its control tokens are such, and it begins as the model expects."""
        return (await self.post("/tokenize", {"content": text, "add_special": True, "parse_special": True}))["tokens"]

    async def frame(self, roles: tuple[str, ...]) -> list[str]:
        """The template's own text before, between and after the messages of these roles."""
        if roles not in self.frames:
            marks = [f"\ue000{place}\ue001" for place in range(len(roles))]
            messages = [{"role": role, "content": mark} for role, mark in zip(roles, marks, strict=True)]
            rest = (await self.post("/apply-template", {"messages": messages}))["prompt"]
            frame: list[str] = []
            for mark in marks:
                before, _, rest = rest.partition(mark)
                frame.append(before)
            self.frames[roles] = [*frame, rest]
        return self.frames[roles]

    async def of_text(self, text: str, *, control: bool) -> list[int]:
        key = (text, control)
        if key not in self.known:
            body = {"content": text, "add_special": False, "parse_special": control}
            self.known[key] = (await self.post("/tokenize", body))["tokens"] if text else []
            if len(self.known) > KEPT:
                self.known.popitem(last=False)
        self.known.move_to_end(key)
        return self.known[key]
