"""Walks through an automaton: what a model with random weights would write."""

from functools import cache
from typing import Any

import numpy as np

from plait.core.grammar.ast import Grammar
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.automaton import Automaton, Hypotheses, Ints
from plait.foundation.cards.token_automaton.token_grammar import TokenGrammar
from plait.foundation.cards.vocabulary import vocabulary

BATCH = 16
LONGEST = 20_000


@cache
def alphabet() -> Alphabet:
    return Alphabet(vocabulary())


def token_grammar(grammar: Grammar) -> TokenGrammar:
    return TokenGrammar(grammar, alphabet())


def advance(automaton: Automaton, hypotheses: Hypotheses, ids: Ints) -> Hypotheses:
    """Where each stands behind its id, which has to be allowed there."""
    advanced = automaton.try_advance(hypotheses, ids)
    assert (advanced.state >= 0).all(), "an id may not follow"
    return automaton.count_items(advanced)


def batch(automaton: Automaton, size: int = 1, grammar: int = 0) -> Hypotheses:
    return automaton.start(np.full(size, grammar))


def random_walks(automaton: Automaton, seed: int, at: Hypotheses | None = None) -> list[list[int]]:
    """What a batch of hypotheses writes until all are done, without padding. Ends are taken more often than by chance,
    so that texts and lists do get over. Nowhere is nothing allowed.
    """
    draw, symbols = np.random.default_rng(seed), automaton.alphabet.vocabulary
    at = at or batch(automaton, BATCH)
    walks: list[list[int]] = [[] for _ in range(len(at.state))]
    for _ in range(LONGEST):
        finished = automaton.is_done(at)
        if finished.all():
            return walks
        allowed = automaton.allowed_mask(at)
        assert allowed.any(1).all(), "nothing may follow"
        weights = draw.random(allowed.shape) * allowed
        weights[:, [symbols.end, symbols.close, symbols.null]] *= np.where(
            draw.random((len(finished), 1)) < 0.3, 1_000, 1
        )
        ids = weights.argmax(1)
        for row in np.flatnonzero(~finished):
            walks[row].append(int(ids[row]))
        at = advance(automaton, at, ids)
    raise AssertionError(f"a walk is not over after {LONGEST} ids")


def accepts_ids(automaton: Automaton, ids: list[int], grammar: int = 0) -> bool:
    """Whether each id is allowed where it stands, and the answer is whole behind the last."""
    at = batch(automaton, 1, grammar)
    for id in ids:
        if not automaton.allowed_mask(at)[0, id]:
            return False
        at = advance(automaton, at, np.array([id]))
    return bool(automaton.is_done(at)[0])


def all_sequences(automaton: Automaton) -> list[list[int]]:
    """Everything that a small automaton admits."""
    sequences: list[list[int]] = []
    open_ends: list[tuple[Any, list[int]]] = [(batch(automaton), [])]
    while open_ends:
        at, ids = open_ends.pop()
        if automaton.is_done(at)[0]:
            sequences.append(ids)
            continue
        for id in np.flatnonzero(automaton.allowed_mask(at)[0]):
            open_ends.append((advance(automaton, at, np.array([id])), [*ids, int(id)]))
    return sequences
