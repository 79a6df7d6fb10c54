from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.boolean.value import BooleanType


def grammar(value_type: BooleanType, context: CallContext) -> g.Grammar:
    return g.Choice((g.Literal(True), g.Literal(False)))
