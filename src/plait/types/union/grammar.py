from plait.core.grammar import ast as g
from plait.core.values.value_type import CallContext, grammar_of
from plait.types.union.value import Union_


def grammar(kind: Union_, beside: CallContext) -> g.Grammar:
    return g.Choice(tuple(g.Object(((tag, grammar_of(option, beside)),)) for tag, option in kind.options))
