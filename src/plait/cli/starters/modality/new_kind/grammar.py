"""Which JSON a decoder may write.

All of it has to decode, but for what beyond_grammar tells: the more the grammar says, the less a model can do wrong.
Its pieces are in plait.core.grammar.ast.
"""

from new_kind.value import LARGEST, LETTERS, NewKindKind
from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside


def grammar(value_type: NewKindKind, context: Beside) -> g.Grammar:
    letter = g.Choice(tuple(g.Literal(each) for each in LETTERS))
    return g.Sequence((("letter", letter), ("number", g.Whole(1, LARGEST))))
