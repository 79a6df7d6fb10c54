from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.number.value import NumberType


def grammar(value_type: NumberType, context: CallContext) -> g.Grammar:
    if value_type.is_integer:
        return g.Integer(int(value_type.minimum), int(value_type.maximum))
    return g.Number(value_type.minimum, value_type.maximum, value_type.excludes_minimum, value_type.excludes_maximum)
