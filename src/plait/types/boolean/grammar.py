from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside
from plait.types.boolean.value import Boolean


def grammar(kind: Boolean, beside: Beside) -> g.Grammar:
    return g.Choice((g.Literal(True), g.Literal(False)))
