"""A core grammar over a table of ids: one source for what is learned, allowed, and read.

form = TokenGrammar(grammar(declaration, beside), alphabet)
form.written(kind.encode(value, beside))       the ids to learn
form.automaton                                 which ids may follow
form.wire(ids)                                 the JSON form of what was written
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
    """Keep it by task, not by grammar: Literal(1) equals Literal(True)."""

    grammar: Grammar
    alphabet: Alphabet

    @cached_property
    def layout(self) -> Layout:
        return layout(self.grammar, self.alphabet)

    @cached_property
    def automaton(self) -> Automaton:
        return build_automaton(*compile_program(self.layout, self.alphabet))

    def encode(self, json_value: Json) -> list[int]:
        """The ids of a JSON form. Raises InvalidValue where the grammar does not admit it."""
        return encoding.encode_value(self.layout, json_value, self.alphabet)

    def decode(self, ids: list[int]) -> Json:
        """The JSON form of a whole answer; padding behind it is passed over. Raises GrammarMismatch."""
        return parsing.decode_value(self.layout, ids, self.alphabet)
