"""Which JSON a decoder may write.

All of it must decode, except for what `residual_checks` names: the more the grammar says, the less a model can do
wrong. Its nodes are in plait.core.grammar.ast.
"""

from new_value.value import LARGEST, LETTERS, NewValueType
from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext


def grammar(value_type: NewValueType, context: CallContext) -> g.Grammar:
    letter = g.Choice(tuple(g.Literal(each) for each in LETTERS))
    return g.Object((("letter", letter), ("number", g.Integer(1, LARGEST))))
