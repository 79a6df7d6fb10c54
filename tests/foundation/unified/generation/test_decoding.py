"""Decoding writes the likeliest id that the grammar admits, whether or not another would have been likelier."""

from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from plait.core.grammar import ast as g
from plait.foundation.cards.token_automaton.program_arrays import join_automata
from plait.foundation.unified.generation.decoding import greedy_ids
from tests.support.automaton_walks import accepts_ids, advance, alphabet, token_grammar

GRAMMARS: tuple[Any, ...] = (
    g.BinnedBox(512),
    g.Text(0, 6),
    g.Choice((g.Literal(True), g.Literal(False))),
    g.Array(g.Object((("what", g.Text(1, 5)), ("where", g.BinnedBox(512)))), 1, 2),
)


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 2**32 - 1), st.sampled_from([0.0, 8.0, 1e4]))
def test_each_step_takes_the_most_likely_allowed_token(seed: int, leaning: float) -> None:
    """`leaning` is towards what may follow: 0 lets nearly every row be refused at first, the highest lets none be."""
    torch.manual_seed(seed)
    automaton = join_automata([token_grammar(each).automaton for each in GRAMMARS])
    at = automaton.start(np.arange(len(GRAMMARS)))
    vocabulary_size = alphabet().vocabulary.size_without_codes
    for _ in range(8):
        allowed = torch.from_numpy(automaton.allowed_mask(at)[:, :vocabulary_size])
        logits = torch.randn(len(GRAMMARS), vocabulary_size) + leaning * allowed
        ids, behind = greedy_ids(logits, automaton, at)
        expected = logits.masked_fill(~allowed, -torch.inf).argmax(-1).numpy()
        assert (ids == expected).all()
        at = advance(automaton, at, expected)
        assert (behind.state == at.state).all() and (behind.counters == at.counters).all()


@pytest.mark.parametrize("grammar", GRAMMARS)
def test_a_token_that_is_not_allowed_is_never_written(grammar: g.Grammar) -> None:
    automaton = token_grammar(grammar).automaton
    at, written_ids = automaton.start(np.zeros(1, np.int64)), list[int]()
    generator = torch.Generator().manual_seed(0)
    for _ in range(40):
        if automaton.is_done(at)[0]:
            break
        logits = torch.randn(1, alphabet().vocabulary.size_without_codes, generator=generator)
        logits[0, alphabet().vocabulary.picture] = 1e6
        logits[0, [alphabet().vocabulary.end, alphabet().vocabulary.close]] += 4
        ids, at = greedy_ids(logits, automaton, at)
        written_ids += ids.tolist()
    assert accepts_ids(automaton, written_ids)
