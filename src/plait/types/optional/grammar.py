from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside, grammar_of
from plait.types.optional.value import Optional


def grammar(kind: Optional, beside: Beside) -> g.Grammar:
    return g.Choice((grammar_of(kind.inner, beside), g.Literal(None)))
