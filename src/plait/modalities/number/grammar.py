from plait.core import grammar as g
from plait.core.kinds import Beside
from plait.modalities.number.value import Number


def grammar(kind: Number, beside: Beside) -> g.Grammar:
    if kind.whole:
        return g.Whole(int(kind.minimum), int(kind.maximum))
    return g.Number(kind.minimum, kind.maximum, kind.above, kind.below)
