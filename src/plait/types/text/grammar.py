from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.text.value import Text


def grammar(kind: Text, beside: CallContext) -> g.Grammar:
    return g.Text(kind.minimum, kind.maximum)
