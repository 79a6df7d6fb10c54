"""A trained model that answers: pictures and ids of an instruction in, values in wire form out."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from plait.core.grammar.ast import Grammar
from plait.core.values.value_type import Json
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.program_arrays import joined
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.foundation.cards.vocabulary import Vocabulary
from plait.foundation.unified.generation.decoding import steps
from plait.foundation.unified.model.decoder import Memory
from plait.foundation.unified.model.encoder import Seen
from plait.foundation.unified.model.unified_model import Unified

LENGTH = 256  # ids of an answer at most
PICTURES = 64  # that are kept as the encoder knows them: 0.2 MB each for nano
GRAMMARS = 256

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, eq=False)
class Question:
    """The ids of an instruction, the picture that it is about as the model's square, and what the answer is held to."""

    source: tuple[int, ...]
    picture: Pixels | None
    grammar: Grammar


@dataclass(frozen=True)
class Answered:
    """`whole` is False where the answer was cut at LENGTH, and `wire` then None. `leaning` is how much likelier true
    was than false as the first id, in logits.
    """

    wire: Json
    ids: tuple[int, ...]
    whole: bool
    leaning: float


class Answerer:
    """Encodes a picture once for all that is asked of it, now and for some time."""

    def __init__(self, model: Unified, vocabulary: Vocabulary) -> None:
        self.model, self.vocabulary = model.eval(), vocabulary
        # As convolutions read filters, which are else laid anew for each picture (stem of base: 21 ms instead of 29).
        self.model.stem.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.alphabet = Alphabet(vocabulary)
        self.seen: dict[bytes, Seen] = {}
        self.compiled: dict[str, TokenGrammar] = {}

    def grammar(self, grammar: Grammar) -> TokenGrammar:
        """Compiled once. By what it looks like, since `Literal(1) == Literal(True)`."""
        if len(self.compiled) >= GRAMMARS:
            self.compiled.clear()
        key = repr(grammar)
        if key not in self.compiled:
            self.compiled[key] = TokenGrammar(grammar, self.alphabet)
        return self.compiled[key]

    @torch.inference_mode()
    def answers(self, questions: Sequence[Question]) -> list[Answered]:
        """The answers in order, all written in one batch."""
        memory = self.read([each.source for each in questions], [each.picture for each in questions])
        forms = [self.grammar(question.grammar) for question in questions]
        automata = list(dict.fromkeys(form.automaton for form in forms))
        which = np.array([automata.index(form.automaton) for form in forms])
        written: list[list[int]] = [[] for _ in questions]
        leanings: list[float] = []
        for step in steps(self.model, memory, joined(automata), which, LENGTH):
            if step.logits is not None:
                yes, no = self.vocabulary.true, self.vocabulary.false
                leanings = (step.logits[:, yes] - step.logits[:, no]).tolist()
            for row, id in zip(step.rows, step.ids, strict=True):
                written[row].append(int(id))
        return [answered(*each) for each in zip(forms, written, leanings, strict=True)]

    def read(self, sources: Sequence[tuple[int, ...]], pictures: Sequence[Pixels | None]) -> Memory:
        """What the decoder looks at, for each instruction: its picture and its words."""
        seen, which = self.look(pictures)
        lengths = [len(each) for each in sources]
        source = torch.full((len(sources), max(lengths)), self.vocabulary.pad)
        for row, ids in enumerate(sources):
            source[row, : lengths[row]] = torch.tensor(ids)
        device = self.model.start.device
        words = torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]
        own = which.tolist() == list(range(len(seen.tokens)))
        return self.model.read(seen, None if own else which.to(device), source.to(device), words.to(device))[1]

    def look(self, pictures: Sequence[Pixels | None]) -> tuple[Seen, Tensor]:
        """What is seen of the different pictures among them, and which of these each one is, -1 for none."""
        keys = [None if picture is None else hashlib.sha256(picture.tobytes()).digest() for picture in pictures]
        asked = zip(keys, pictures, strict=True)
        new = {key: each for key, each in asked if key and each is not None and key not in self.seen}
        if new or not self.seen:
            self.remember(new)
        used = list(dict.fromkeys(key for key in keys if key)) or list(self.seen)[:1]
        which = torch.tensor([used.index(key) if key else -1 for key in keys])
        both = together([self.seen[key] for key in used])
        for key in list(self.seen)[:-PICTURES]:
            del self.seen[key]
        return both, which

    def remember(self, new: dict[bytes, Pixels]) -> None:
        side = self.model.size.side
        squares = list(new.values()) or [np.zeros((side, side, 3), np.uint8)]
        seen = self.model.see(torch.from_numpy(np.stack(squares)).to(self.model.start.device))
        for row, key in enumerate(new or (b"",)):
            self.seen[key] = Seen(
                tuple((keys[row : row + 1], values[row : row + 1]) for keys, values in seen.layers),
                seen.tokens[row : row + 1],
            )


def answered(grammar: TokenGrammar, ids: list[int], leaning: float) -> Answered:
    whole = len(ids) < LENGTH
    return Answered(grammar.wire(ids) if whole else None, tuple(ids), whole, leaning)


def together(seen: Sequence[Seen]) -> Seen:
    if len(seen) == 1:
        return seen[0]
    layers = zip(*(each.layers for each in seen), strict=True)
    return Seen(
        tuple((torch.cat([keys for keys, _ in layer]), torch.cat([values for _, values in layer])) for layer in layers),
        torch.cat([each.tokens for each in seen]),
    )
