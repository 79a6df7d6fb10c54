from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.moment.value import Moment


def grammar(kind: Moment, beside: CallContext) -> g.Grammar:
    return g.DateTime(kind.form)
