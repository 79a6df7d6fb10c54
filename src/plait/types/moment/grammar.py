from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.moment.value import DateTimeType


def grammar(value_type: DateTimeType, context: CallContext) -> g.Grammar:
    return g.DateTime(value_type.form)
