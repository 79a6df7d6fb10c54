from plait.core import grammar as g
from plait.core.kinds import Beside, grammar_of
from plait.modalities.list.value import List


def grammar(kind: List, beside: Beside) -> g.Grammar:
    return g.Repeat(grammar_of(kind.item, beside), kind.minimum, kind.maximum)
