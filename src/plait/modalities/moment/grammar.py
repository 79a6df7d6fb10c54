from plait.core import grammar as g
from plait.core.kinds import Beside
from plait.modalities.moment.value import Moment


def grammar(kind: Moment, beside: Beside) -> g.Grammar:
    return g.Moment(kind.form)
