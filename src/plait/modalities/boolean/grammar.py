from plait.core import grammar as g
from plait.core.kinds import Beside
from plait.modalities.boolean.value import Boolean


def grammar(kind: Boolean, beside: Beside) -> g.Grammar:
    return g.Choice((g.Literal(True), g.Literal(False)))
