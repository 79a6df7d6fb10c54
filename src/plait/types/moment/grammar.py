from plait.core.grammar import ast as g
from plait.core.values.value_type import Beside
from plait.types.moment.value import Moment


def grammar(kind: Moment, beside: Beside) -> g.Grammar:
    return g.Moment(kind.form)
