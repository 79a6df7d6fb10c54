from plait.core import grammar as g
from plait.core.kinds import Beside, grammar_of
from plait.modalities.optional.value import Optional


def grammar(kind: Optional, beside: Beside) -> g.Grammar:
    return g.Choice((grammar_of(kind.inner, beside), g.Literal(None)))
