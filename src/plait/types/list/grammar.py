from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext, grammar_of
from plait.types.list.value import ListType


def grammar(value_type: ListType, context: CallContext) -> g.Grammar:
    return g.Array(grammar_of(value_type.item, context), value_type.minimum, value_type.maximum)
