from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside, grammar_of
from plait.types.record.value import Record


def grammar(kind: Record, beside: Beside) -> g.Grammar:
    return g.Sequence(tuple((name, grammar_of(inner, beside)) for name, inner in kind.fields))
