from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext, grammar_of
from plait.types.list.value import List


def grammar(kind: List, beside: CallContext) -> g.Grammar:
    return g.Array(grammar_of(kind.item, beside), kind.minimum, kind.maximum)
