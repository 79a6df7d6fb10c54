"""Tokenizes a conversation. Control tokens come only from the model's chat template; inside a message they are text.

The engine's process renders the template around placeholders. The template's own parts are tokenized with control
tokens, messages without: `<|im_end|>` inside a user's text becomes seven ordinary tokens and does not end the message.
"""

from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from plait.core.prompting.prompt import Prompt

Post = Callable[[str, dict[str, Any]], Awaitable[Any]]
MAX_CACHED_TEXTS = 512  # texts with cached tokens: the examples of a prompt are the same from call to call


class ChatTemplateTokenizer:
    """Tokenizes conversations through the server, with a cache for repeated texts."""

    def __init__(self, post: Post) -> None:
        self.post = post
        self.token_cache: OrderedDict[tuple[str, bool], list[int]] = OrderedDict()
        self.parts_by_roles: dict[tuple[str, ...], list[str]] = {}

    async def tokenize_prompt(self, prompt: Prompt) -> list[int]:
        parts = await self.template_parts(tuple(message.role for message in prompt.messages))
        tokens = await self.tokenize_text(parts[0], control=True)
        for message, part in zip(prompt.messages, parts[1:], strict=True):
            tokens = [
                *tokens,
                *await self.tokenize_text(message.content, control=False),
                *await self.tokenize_text(part, control=True),
            ]
        return tokens

    async def tokenize_raw(self, text: str) -> list[int]:
        """The tokens of a raw prompt: control tokens are recognized, and the model's special first token is added."""
        return (await self.post("/tokenize", {"content": text, "add_special": True, "parse_special": True}))["tokens"]

    async def template_parts(self, roles: tuple[str, ...]) -> list[str]:
        """The template's own text before, between and after messages of these roles."""
        if roles not in self.parts_by_roles:
            placeholders = [f"\ue000{position}\ue001" for position in range(len(roles))]
            messages = [
                {"role": role, "content": placeholder} for role, placeholder in zip(roles, placeholders, strict=True)
            ]
            rest = (await self.post("/apply-template", {"messages": messages}))["prompt"]
            parts: list[str] = []
            for placeholder in placeholders:
                before, _, rest = rest.partition(placeholder)
                parts.append(before)
            self.parts_by_roles[roles] = [*parts, rest]
        return self.parts_by_roles[roles]

    async def tokenize_text(self, text: str, *, control: bool) -> list[int]:
        key = (text, control)
        if key not in self.token_cache:
            body = {"content": text, "add_special": False, "parse_special": control}
            self.token_cache[key] = (await self.post("/tokenize", body))["tokens"] if text else []
            if len(self.token_cache) > MAX_CACHED_TEXTS:
                self.token_cache.popitem(last=False)
        self.token_cache.move_to_end(key)
        return self.token_cache[key]
