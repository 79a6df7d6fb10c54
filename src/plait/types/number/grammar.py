from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside
from plait.types.number.value import Number


def grammar(kind: Number, beside: Beside) -> g.Grammar:
    if kind.whole:
        return g.Whole(int(kind.minimum), int(kind.maximum))
    return g.Number(kind.minimum, kind.maximum, kind.above, kind.below)
