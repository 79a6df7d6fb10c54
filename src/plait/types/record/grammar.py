from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext, grammar_of
from plait.types.record.value import Record


def grammar(kind: Record, beside: CallContext) -> g.Grammar:
    return g.Object(tuple((name, grammar_of(inner, beside)) for name, inner in kind.fields))
