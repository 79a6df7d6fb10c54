from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext, grammar_of
from plait.types.union.value import UnionType


def grammar(value_type: UnionType, context: CallContext) -> g.Grammar:
    return g.Choice(tuple(g.Object(((tag, grammar_of(option, context)),)) for tag, option in value_type.options))
