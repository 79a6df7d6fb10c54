"""Removes what a server writes around an answer: the object that its schema support needs, or a code fence."""

import re
from typing import Protocol

from plait.service.engines.openai.request import WRAPPER_FIELD

WRAPPER_PATTERN = re.compile(r'\s*\{\s*"' + WRAPPER_FIELD + r'"\s*:\s*')
MAX_WRAPPER_LENGTH = 200  # characters, white space included
FENCE = "```"


class Unwrapper(Protocol):
    def feed(self, text: str) -> str:
        """Adds text. Returns the next part of the answer that is certain not to be wrapping."""
        ...

    def flush(self) -> str:
        """The text held back so far; called at the end of the stream."""
        ...


class ObjectUnwrapper:
    """Streams the value of `{"answer": ...}`. Any other text passes unchanged and is validated later."""

    def __init__(self) -> None:
        self.buffer = ""
        self.inside: bool | None = None

    def feed(self, text: str) -> str:
        self.buffer += text
        if self.inside is None:
            self.detect_wrapper()
        if self.inside is None:
            return ""
        return self.settled_text() if self.inside else self.take(len(self.buffer))

    def detect_wrapper(self) -> None:
        """Sets `inside` as soon as the text is known to begin the wrapper object or not."""
        if (match := WRAPPER_PATTERN.match(self.buffer)) and match.end() < len(self.buffer):
            self.inside, self.buffer = True, self.buffer[match.end() :]
        elif not may_start_wrapper(self.buffer) or len(self.buffer) > MAX_WRAPPER_LENGTH:
            self.inside = False

    def settled_text(self) -> str:
        """The buffered text without a final bracket, which may belong to the wrapper."""
        body = self.buffer.rstrip()
        return self.take(len(body) - 1 if body.endswith("}") else len(body))

    def take(self, count: int) -> str:
        text, self.buffer = self.buffer[:count], self.buffer[count:]
        return text

    def flush(self) -> str:
        return "" if self.inside and self.buffer.strip() == "}" else self.buffer


def may_start_wrapper(text: str) -> bool:
    """Whether the text may be the beginning of the wrapper object."""
    bare = "".join(text.split())
    wrapper = '{"' + WRAPPER_FIELD + '":'
    return wrapper.startswith(bare) or bare.startswith(wrapper)


class FenceUnwrapper:
    """Removes a ```json fence around a whole answer. Text that begins with a fence is held back until the end."""

    def __init__(self) -> None:
        self.buffer: list[str] = []
        self.fenced: bool | None = None

    def feed(self, text: str) -> str:
        self.buffer.append(text)
        if self.fenced is None:
            start = "".join(self.buffer).lstrip()
            if start:
                self.fenced = FENCE.startswith(start[:3])
        if self.fenced is False:
            return self.take_all()
        return ""

    def take_all(self) -> str:
        text, self.buffer = "".join(self.buffer), []
        return text

    def flush(self) -> str:
        return strip_fence(self.take_all()) if self.fenced else self.take_all()


def strip_fence(text: str) -> str:
    """The text between ```json and ```; unchanged unless one fence encloses all of it."""
    first, _, inner = text.strip().partition("\n")
    if first.strip().lower() not in (FENCE, f"{FENCE}json") or not inner.endswith(FENCE):
        return text
    return inner.removesuffix(FENCE).strip()
