from plait.core import grammar as g
from plait.core.kinds import Beside, grammar_of
from plait.modalities.union.value import Union_


def grammar(kind: Union_, beside: Beside) -> g.Grammar:
    return g.Choice(tuple(g.Sequence(((tag, grammar_of(option, beside)),)) for tag, option in kind.options))
