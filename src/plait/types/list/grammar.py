from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside, grammar_of
from plait.types.list.value import List


def grammar(kind: List, beside: Beside) -> g.Grammar:
    return g.Repeat(grammar_of(kind.item, beside), kind.minimum, kind.maximum)
