from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext
from plait.types.label.value import Label


def grammar(kind: Label, beside: CallContext) -> g.Grammar:
    return g.Choice(tuple(map(g.Literal, kind.labels)))
