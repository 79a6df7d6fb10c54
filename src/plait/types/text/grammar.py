from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.text.value import TextType


def grammar(value_type: TextType, context: CallContext) -> g.Grammar:
    return g.Text(value_type.minimum, value_type.maximum)
