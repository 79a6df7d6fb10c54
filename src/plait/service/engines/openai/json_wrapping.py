"""The answer inside what a server must write around it: the object that a schema needs, the fence of a habit."""

import re
from collections.abc import AsyncIterator
from typing import Protocol

from plait.core.calls.event_loop import closing
from plait.core.engine.protocol import End, Piece
from plait.service.engines.openai.request import WRAP, Form

OPENING = re.compile(r'\s*\{\s*"' + WRAP + r'"\s*:\s*')
LONGEST_OPENING = 200  # characters, white space included
FENCE = "```"


class Unwrapper(Protocol):
    def feed(self, text: str) -> str:
        """What is newly known of the answer."""
        ...

    def rest(self) -> str:
        """What was held back, once nothing follows."""
        ...


class Unwrapped:
    """What stands in `{"answer": ...}`, given out as it grows; anything else stays as it is, for the gate to judge."""

    def __init__(self) -> None:
        self.held = ""
        self.inside: bool | None = None

    def feed(self, text: str) -> str:
        self.held += text
        if self.inside is None:
            self.look()
        if self.inside is None:
            return ""
        return self.sure() if self.inside else self.taken(len(self.held))

    def look(self) -> None:
        """Whether the object is there; unknown while what follows could still make it one."""
        if (found := OPENING.match(self.held)) and found.end() < len(self.held):
            self.inside, self.held = True, self.held[found.end() :]
        elif not begins(self.held) or len(self.held) > LONGEST_OPENING:
            self.inside = False

    def sure(self) -> str:
        """All but the last bracket, which is the object's own."""
        body = self.held.rstrip()
        return self.taken(len(body) - 1 if body.endswith("}") else len(body))

    def taken(self, count: int) -> str:
        sure, self.held = self.held[:count], self.held[count:]
        return sure

    def rest(self) -> str:
        return "" if self.inside and self.held.strip() == "}" else self.held


def begins(text: str) -> bool:
    """Whether this may be the beginning of the object."""
    bare = "".join(text.split())
    whole = '{"' + WRAP + '":'
    return whole.startswith(bare) or bare.startswith(whole)


class Unfenced:
    """What stands in ```json fences, where the whole answer is one. It is held back until its end shows that."""

    def __init__(self) -> None:
        self.held: list[str] = []
        self.fenced: bool | None = None

    def feed(self, text: str) -> str:
        self.held.append(text)
        if self.fenced is None:
            begun = "".join(self.held).lstrip()
            if begun:
                self.fenced = FENCE.startswith(begun[:3])
        if self.fenced is False:
            return self.all()
        return ""

    def all(self) -> str:
        text, self.held = "".join(self.held), []
        return text

    def rest(self) -> str:
        return out_of_fence(self.all()) if self.fenced else self.all()


def out_of_fence(text: str) -> str:
    """What stands between ```json and ```; the text as it is where it is not one fence from end to end."""
    first, _, inner = text.strip().partition("\n")
    if first.strip().lower() not in (FENCE, f"{FENCE}json") or not inner.endswith(FENCE):
        return text
    return inner.removesuffix(FENCE).strip()


class Chain:
    """One after the other: out of the fence, then out of the object."""

    def __init__(self, *steps: Unwrapper) -> None:
        self.steps = steps

    def feed(self, text: str) -> str:
        for step in self.steps:
            text = step.feed(text)
        return text

    def rest(self) -> str:
        text = ""
        for step in self.steps:
            text = step.feed(text) + step.rest()
        return text


async def unwrapped(pieces: AsyncIterator[Piece | End], form: Form) -> AsyncIterator[Piece | End]:
    """The pieces of a typed answer, free of what stands around it."""
    inner = Chain(Unfenced(), Unwrapped()) if form is Form.WRAPPED else Unfenced()
    async with closing(pieces) as told:
        async for piece in told:
            text = inner.feed(piece.text) if isinstance(piece, Piece) else inner.rest()
            if text:
                yield Piece(text)
            if isinstance(piece, End):
                yield piece
