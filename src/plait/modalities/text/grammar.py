from plait.core import grammar as g
from plait.core.kinds import Beside
from plait.modalities.text.value import Text


def grammar(kind: Text, beside: Beside) -> g.Grammar:
    return g.Text(kind.minimum, kind.maximum)
