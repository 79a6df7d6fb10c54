from plait.core import grammar as g
from plait.core.kinds import Beside
from plait.modalities.label.value import Label


def grammar(kind: Label, beside: Beside) -> g.Grammar:
    return g.Choice(tuple(map(g.Literal, kind.labels)))
