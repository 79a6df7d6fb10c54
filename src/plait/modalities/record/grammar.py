from plait.core import grammar as g
from plait.core.kinds import Beside, grammar_of
from plait.modalities.record.value import Record


def grammar(kind: Record, beside: Beside) -> g.Grammar:
    return g.Sequence(tuple((name, grammar_of(inner, beside)) for name, inner in kind.fields))
