"""A core grammar over a vocabulary: training targets, decoding masks and parsing from one value.

token_grammar = TokenGrammar(grammar(declaration, context), alphabet)
token_grammar.encode(value_type.encode(value, context))    the ids to learn
token_grammar.automaton                                    which ids may follow
token_grammar.decode(ids)                                  the JSON form of generated ids
"""

from dataclasses import dataclass
from functools import cached_property

from plait.core.grammar.ast import Grammar
from plait.core.values.json_value import Json
from plait.foundation.cards.token_automaton import encoding, parsing
from plait.foundation.cards.token_automaton.alphabet import Alphabet
from plait.foundation.cards.token_automaton.automaton import Automaton
from plait.foundation.cards.token_automaton.compiler import compile_program
from plait.foundation.cards.token_automaton.layout import Layout, layout
from plait.foundation.cards.token_automaton.program_arrays import build_automaton


@dataclass(frozen=True, eq=False)
class TokenGrammar:
    """A grammar over an alphabet. Cache it by task, not by grammar: Literal(1) equals Literal(True)."""

    grammar: Grammar
    alphabet: Alphabet

    @cached_property
    def layout(self) -> Layout:
        return layout(self.grammar, self.alphabet)

    @cached_property
    def automaton(self) -> Automaton:
        return build_automaton(*compile_program(self.layout, self.alphabet))

    def encode(self, json_value: Json) -> list[int]:
        """The ids of a JSON form. Raises InvalidValue if the grammar does not admit it."""
        return encoding.encode_value(self.layout, json_value, self.alphabet)

    def decode(self, ids: list[int]) -> Json:
        """The JSON form of a complete answer; trailing padding is ignored. Raises GrammarMismatch."""
        return parsing.decode_value(self.layout, ids, self.alphabet)
