"""Models that chat, and the one adapter that makes an engine of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Protocol

from plait.core.calls.event_loop import closing
from plait.core.config import settings
from plait.core.engine.protocol import Ask, End, Piece, Usage
from plait.core.engine.repetition import repeats_itself
from plait.core.errors import ContextTooLong
from plait.core.grammar.ast import Grammar
from plait.core.prompting.context_hint import with_counts
from plait.core.prompting.prompt import Prompt, prompt
from plait.core.task.declaration import Declaration
from plait.core.task.derive import answer_grammar
from plait.core.values.value_type import Kind, inside, part

PENALTY = 1.1
LOOK_EVERY = 24  # pieces; looking costs as much as a tenth of a token


@dataclass(frozen=True)
class Sampling:
    """`seed` None is a fresh one each time, temperature 0 is greedy, a penalty above 1 shuns what was said already.

    `stop` are texts that end the answer and are no part of it; `top_p` None leaves the tail of unlikely tokens to the
    engine's own habit.
    """

    max_tokens: int = 1_024
    temperature: float = 0.0
    seed: int | None = None
    repeat_penalty: float = 1.0
    stop: tuple[str, ...] = ()
    top_p: float | None = None


class Chats(Protocol):
    """A model that continues a conversation, held to a grammar where one is given.

    `sees` tells whether it reads the pictures of a message; `boxes` is the frame it writes boxes in, "" where none is
    known, so that a task of boxes is refused and never guessed at.
    """

    @property
    def name(self) -> str: ...

    @property
    def digest(self) -> str: ...

    @property
    def sees(self) -> bool: ...

    @property
    def boxes(self) -> str: ...

    def chat(self, prompt: Prompt, grammar: Grammar | None, sampling: Sampling) -> AsyncIterator[Piece | End]: ...

    async def aclose(self) -> None: ...


@dataclass(frozen=True)
class ChatEngine:
    """Answers any task whose values can be written as text, with any model that chats."""

    chats: Chats

    @property
    def name(self) -> str:
        return self.chats.name

    @property
    def digest(self) -> str:
        return self.chats.digest

    @property
    def boxes(self) -> str:
        return self.chats.boxes

    def can(self, declaration: Declaration) -> str:
        for slot in declaration.slots:
            for _, kind in inside(slot.kind):
                if not self.reads(kind):
                    return f"it needs {spoken(kind)} in; {self.name} reads text only"
        for _, kind in inside(declaration.answer):
            if kind.name == "image" or not speakable(kind.modality):
                return f"it answers with {spoken(kind)}; {self.name} writes text only"
        boxed = any(kind.name == "box" for _, kind in inside(declaration.answer))
        if (boxed or any(slot.boxed for slot in declaration.slots)) and not self.chats.boxes:
            return f'how {self.name} writes a box is not known; tell it in plait.toml: boxes = "per-mille"'
        return ""

    def reads(self, kind: Kind) -> bool:
        return self.chats.sees if kind.name == "image" else speakable(kind.modality)

    async def answer(self, ask: Ask) -> AsyncIterator[Piece | End]:
        grammar = answer_grammar(ask.declaration, ask.beside)
        words = await self.prompted(ask)
        async with closing(self.chats.chat(words, grammar, sampling(ask))) as pieces:
            first_typed = not ask.declaration.bare and not ask.attempt
            try:
                async with closing(unless_repeating(pieces) if first_typed else pieces) as said:
                    async for piece in said:
                        yield piece
            except ContextTooLong as error:
                raise with_counts(error, ask.declaration, ask.inputs, words) from None

    async def prompted(self, ask: Ask) -> Prompt:
        """The prompt; pictures are made ready in a thread: a photo of 12 megapixels takes 0.25 s."""
        told = (ask.declaration, ask.inputs, ask.examples, ask.options.wording or "", self.chats.boxes)
        pictured = any(slot.pictured for slot in ask.declaration.slots)
        return await asyncio.to_thread(prompt, *told) if pictured else prompt(*told)

    async def aclose(self) -> None:
        await self.chats.aclose()


def spoken(kind: Kind) -> str:
    return f"{'an' if kind.name[0] in 'aeiou' else 'a'} {kind.name}"


def speakable(modality: str) -> bool:
    try:
        part(modality, "prompt.written")
    except ModuleNotFoundError:
        return False
    return True


async def unless_repeating(pieces: AsyncIterator[Piece | End]) -> AsyncIterator[Piece | End]:
    """The pieces, ended where they begin to repeat themselves: a second attempt is worth more than the rest."""
    said: list[str] = []
    async for piece in pieces:
        yield piece
        if isinstance(piece, Piece):
            said.append(piece.text)
            if len(said) % LOOK_EVERY == 0 and repeats_itself("".join(said)):
                yield End(Usage(answer_tokens=len(said)), whole=False, repeating=True)
                return


def sampling(ask: Ask) -> Sampling:
    """Greedy for typed answers, since their most likely form is wanted; livelier for prose and for a second attempt.

    Only that one is penalised for repeating itself. Of ten invoices eight ran to their limit without, and none with it;
    from the start, the penalty scored 0.107 instead of 0.133, and as much on commands (benchmarks/repetition.py).
    """
    typed = not ask.declaration.bare
    usual = 0.0 if typed and not ask.attempt else 0.6
    chosen = ask.options.temperature
    seed = None if ask.options.seed is None else ask.options.seed + ask.attempt
    penalty = PENALTY if typed and ask.attempt else 1.0
    return Sampling(settings().answer_tokens, usual if chosen is None else chosen, seed, penalty)
