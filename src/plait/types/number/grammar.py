from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.number.value import Number


def grammar(kind: Number, beside: CallContext) -> g.Grammar:
    if kind.whole:
        return g.Integer(int(kind.minimum), int(kind.maximum))
    return g.Number(kind.minimum, kind.maximum, kind.above, kind.below)
