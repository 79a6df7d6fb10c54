from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext, grammar_of
from plait.types.optional.value import OptionalType


def grammar(value_type: OptionalType, context: CallContext) -> g.Grammar:
    return g.Choice((grammar_of(value_type.inner, context), g.Literal(None)))
