from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext, grammar_of
from plait.types.record.value import RecordType


def grammar(value_type: RecordType, context: CallContext) -> g.Grammar:
    return g.Object(tuple((name, grammar_of(inner, context)) for name, inner in value_type.fields))
