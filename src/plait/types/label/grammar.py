from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.label.value import EnumerationType


def grammar(value_type: EnumerationType, context: CallContext) -> g.Grammar:
    return g.Choice(tuple(map(g.Literal, value_type.labels)))
