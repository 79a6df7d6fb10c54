from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext, grammar_of
from plait.types.optional.value import Optional


def grammar(kind: Optional, beside: CallContext) -> g.Grammar:
    return g.Choice((grammar_of(kind.inner, beside), g.Literal(None)))
